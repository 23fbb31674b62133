"""The refresh of the tokens, and their issue to other workers."""
