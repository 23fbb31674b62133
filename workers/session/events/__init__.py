"""Push events: their kinds, lost ones, the channel, and the resync that follows."""
