"""Following a player; invitations."""
