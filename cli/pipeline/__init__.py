"""Start and stop the pipeline, wait for it, show its state."""
