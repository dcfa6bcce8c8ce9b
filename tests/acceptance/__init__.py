"""What the whole program must show, from the outside."""
