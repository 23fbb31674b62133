"""The API for other programs, served beside the pages. `common/api/` is its contract."""
