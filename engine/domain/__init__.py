"""The pure core: rules and values, without SQL, clock, files or mail."""
