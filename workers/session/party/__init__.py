"""The party that we are in, from push events and REST views."""
