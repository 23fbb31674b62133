"""How calls, pushes and negotiations go."""
