"""`partyline obs`, which adds the voices and the overlay as sources in OBS."""
