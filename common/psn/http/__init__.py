"""Calls to Sony's servers: where they go, how often, how they fail."""
