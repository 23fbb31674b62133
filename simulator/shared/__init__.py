"""What every part of the simulator needs."""
