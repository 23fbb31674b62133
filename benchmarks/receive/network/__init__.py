"""What is sent, and what a network makes of it."""
