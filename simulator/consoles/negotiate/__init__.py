"""A console and its peers: who offers, what is pending, what is sent."""
