"""What is kept of people: shown to them, looked at each year, and erased."""
