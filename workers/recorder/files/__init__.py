"""FLAC files and the journal beside them."""
