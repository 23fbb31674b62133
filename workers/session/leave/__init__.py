"""Leaving: until the server confirms it, and when the pipeline stops."""
