"""Joins that no request asked for: the followed player's party, a lost one, the demo party."""
