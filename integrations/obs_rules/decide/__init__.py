"""What the rules want of OBS at a moment. No I/O, and every time is an argument."""
