"""The recordings on the disk."""
