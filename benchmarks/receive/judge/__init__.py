"""How good what came out is."""
