"""Copies of the whole database: made, put back, and moved to another place."""
