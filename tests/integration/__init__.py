"""Tests that use a database, files, processes or servers."""
