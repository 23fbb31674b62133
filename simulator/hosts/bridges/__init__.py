"""Bridges: rtcBridge v1, and their links to parties."""
