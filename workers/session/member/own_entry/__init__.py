"""The local member entry: its fields, and when they are published."""
