"""Dispatch: what is due becomes mail, and mail goes out; tick() may run at any time, twice."""
