"""Stand-ins for workers are held to the real ones: the same contract is run against both."""
