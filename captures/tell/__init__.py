"""What a capture says, and what it says differently from what we believe."""
