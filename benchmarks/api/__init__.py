"""Benchmarks of the API and of what uses it."""
