"""A capture answers as Sony's servers did."""
