"""What runs a worker, and what keeps it running."""
