"""The log: redacted, bounded; a process's last words."""
