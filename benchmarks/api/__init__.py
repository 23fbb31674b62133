"""Benchmarks of the API and of its clients."""
