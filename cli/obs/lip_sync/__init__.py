"""`partyline obs lipsync`: the delay between one's own microphone in OBS and one's own voice in the party."""
