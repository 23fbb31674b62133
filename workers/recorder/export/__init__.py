"""Copies and project files for other programs."""
