"""A PlayStation Network on loopback: everything that notes/ knows, with consoles that speak."""
