"""Recorded traffic: start, scrub, replay."""
