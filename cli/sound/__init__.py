"""Gains, devices, recordings."""
