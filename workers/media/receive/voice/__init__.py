"""Opus, concealment of missing packets, comfort noise and time scaling."""
