"""Whatever is not known to be harmless is replaced."""
