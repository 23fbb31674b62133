"""Start the pipeline, stop it, wait for it, say how it is."""
