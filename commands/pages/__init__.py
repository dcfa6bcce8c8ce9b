"""What the reading commands print: as text in columns, and as JSON."""
