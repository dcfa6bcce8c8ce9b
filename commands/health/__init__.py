"""The doctor and what it looks at, each fault with its remedy."""
