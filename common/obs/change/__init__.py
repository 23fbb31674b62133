"""Single changes in OBS: entries of scenes, devices, tracks, what the user had set, and the game that is lowered."""
