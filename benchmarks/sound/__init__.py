"""Voices, recordings, sound devices."""
