"""The generator of networks."""
