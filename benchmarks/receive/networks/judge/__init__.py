"""How good what came out is, with the same denominators for every system."""
