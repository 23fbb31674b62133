"""The last seconds in memory, and the clips made of them."""
