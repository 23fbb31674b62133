"""Benchmark of noise suppression: quality, delay, CPU of the libraries that could do it."""
