"""Processing of single talkers before the mix: noise suppression, gate, equaliser. Each is off unless it is chosen."""
