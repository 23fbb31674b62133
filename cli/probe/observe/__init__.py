"""What a run observes on the bus: messages become typed observations."""
