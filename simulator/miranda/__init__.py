"""Voice signaling: relayed, and refused where it is unfit."""
