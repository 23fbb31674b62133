"""The real pipeline under random faults: the cost of each for the listener, and the recovery from it."""
