"""Figures of the source tree itself: how big, how entangled, in which words."""
