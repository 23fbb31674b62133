"""OBS: what is read and set there, what was found, and the connection."""
