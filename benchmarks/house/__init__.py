"""Figures of the source tree itself: sizes, imports and words."""
