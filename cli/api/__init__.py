"""The commands around the API: its keys and schema, and two small clients of it."""
