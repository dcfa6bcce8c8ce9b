"""The use cases, one transaction each: what a command asks for, decided and recorded."""
