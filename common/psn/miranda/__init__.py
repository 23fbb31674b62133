"""Frames and platforms of voice signaling."""
