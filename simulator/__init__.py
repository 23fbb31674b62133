"""A simulated PlayStation Network on loopback, with all that notes/ documents and consoles that speak."""
