"""Offers and answers: decides, without I/O, what is sent and when."""
