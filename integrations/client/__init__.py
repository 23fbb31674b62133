"""A client of `/api/v1` for programs in Python: where it is, one lasting connection, and the talkers as a list."""
