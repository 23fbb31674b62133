"""The HTTP server of the pages, and its access control."""
