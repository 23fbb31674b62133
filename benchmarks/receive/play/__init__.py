"""Receivers, offline and live."""
