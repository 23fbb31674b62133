"""Sound for the pages."""
