"""The requests that session serves."""
