"""What a command tells after, or before, a change: what it did, moved, caused and left."""
