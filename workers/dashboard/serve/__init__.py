"""The pages, and who is let in."""
