"""OBS by obs-websocket: what is ours there, what it should be, and what is changed for that."""
