"""The connections of listeners."""
