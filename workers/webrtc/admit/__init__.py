"""Who may listen: tickets of links, and certificates that came with one."""
