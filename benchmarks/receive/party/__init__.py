"""Whole parties in simulated time: four talkers on four networks who take turns, through each `[media] latency`."""
