"""Parties as Sony's servers and their push events tell them."""
