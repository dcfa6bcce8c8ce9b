"""The migration scripts, run by `engine.store.schema`; they travel inside the package."""
