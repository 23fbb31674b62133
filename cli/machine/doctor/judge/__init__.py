"""Judgements: evidence in, a verdict out. No I/O, no clock."""
