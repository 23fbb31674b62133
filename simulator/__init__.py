"""A PlayStation Network on loopback: everything that notes/protocol.md knows, with consoles that speak."""
