"""The steps of a run, and the walk through them."""
