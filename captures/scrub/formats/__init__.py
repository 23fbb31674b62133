"""Formats of text that the scrubber reads: URLs, SDP, JWTs, miranda frames, base64."""
