"""Parties and their members, without I/O."""
