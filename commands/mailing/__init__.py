"""The mail desk, and the road to a mail server: set up by questions, signed in to, looked at."""
