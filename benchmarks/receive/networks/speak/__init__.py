"""What is said, and the packets that carry it."""
