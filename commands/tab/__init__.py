"""The Tab key: what may be typed next, and the scripts by which a shell asks for it."""
