"""The party in a real OBS: ways of its sound, sources that follow the members, ducking, lip sync."""
