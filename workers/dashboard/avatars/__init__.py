"""Pictures of members: fetched, checked, kept."""
