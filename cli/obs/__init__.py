"""`partyline obs`: the voices and the overlay as sources in OBS."""
