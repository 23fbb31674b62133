"""Audio from the bus and onto it."""
