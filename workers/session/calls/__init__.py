"""The API calls, one method each."""
