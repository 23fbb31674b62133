"""Whose voice is heard, and by which connection."""
