"""Requests that are more than a join or leave."""
