"""Join parties, manage them, follow a player."""
