"""Our own membership: join, leave, resync, our own entry."""
