"""Avatars of members: fetched, checked and cached."""
