"""Probes that run in a process of their own, since native code may hang or end the process. Each prints JSON."""
