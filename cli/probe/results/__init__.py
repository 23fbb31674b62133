"""What a run finds out, and the folder that keeps it."""
