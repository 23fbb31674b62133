"""Packets in order, and how long they wait."""
