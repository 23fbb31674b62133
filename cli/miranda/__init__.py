"""Voice signaling taken apart."""
