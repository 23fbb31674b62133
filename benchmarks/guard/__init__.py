"""Attacks on the media worker."""
