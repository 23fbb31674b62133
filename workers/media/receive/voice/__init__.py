"""Opus, and what is played where packets are missing, early or late."""
