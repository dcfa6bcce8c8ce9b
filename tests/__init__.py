"""The tests of traject: unit, integration, and those about the house itself."""
