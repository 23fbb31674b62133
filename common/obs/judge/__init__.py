"""What is judged of OBS without asking it: tracks, ducking, silence, voices heard twice."""
