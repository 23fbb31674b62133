"""Sign-ins: by the user, by the demo, and to the real network from the simulator's."""
