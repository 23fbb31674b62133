"""What frames of another machine need: a queue for the network's jitter, and sound while they are late."""
