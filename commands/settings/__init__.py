"""The settings: the file and the environment, read, checked, shown and changed."""
