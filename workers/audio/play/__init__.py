"""The mix at the pace of a sink."""
