"""Benchmarks of the API and of what uses it."""

"""Benchmarks of the API and of its clients."""
"""The API and the integrations: how long until another program knows."""
