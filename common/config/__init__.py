"""Settings: what there is to set, and what was set."""
