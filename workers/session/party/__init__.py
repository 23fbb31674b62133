"""The party that we are in: its table, by events and views."""
