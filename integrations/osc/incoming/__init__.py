"""From an address to requests of the API."""
