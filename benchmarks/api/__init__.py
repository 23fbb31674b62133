"""The API and the integrations: how long until another program knows."""
