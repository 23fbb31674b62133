"""What a set of networks says: rows kept per network, intervals, page and plot."""
