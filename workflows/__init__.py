"""The workflow files, one per category, and what reads them into workflows."""
