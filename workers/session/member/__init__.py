"""Our own membership: join, leave, what we tell of ourselves."""
