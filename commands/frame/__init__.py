"""What every command stands in: the table of all, its options, its services, its end."""
