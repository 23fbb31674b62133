"""Push events: is the channel open, was one lost."""
