"""What the commands print of the pipeline's state: pure functions from state to lines."""
