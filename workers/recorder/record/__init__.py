"""A recording in progress."""
