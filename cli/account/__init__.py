"""Sign in and out; which servers are spoken to."""
