"""Handing the history over: one file, tables, or the case file of one trajectory."""
