"""The marks of each run, kept on the disk."""
