"""Benchmarks of the API and of what uses it."""

"""Benchmarks of the API and of its clients."""
