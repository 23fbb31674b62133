"""Commands about this machine: what is wrong with it, and a bundle for a bug report."""
