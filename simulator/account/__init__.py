"""Accounts, their sign-in and their tokens."""
