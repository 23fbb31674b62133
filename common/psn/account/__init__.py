"""Sign-in: tokens, what people paste, profiles."""
