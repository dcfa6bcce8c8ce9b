"""Tests of one module each, without database or network."""
