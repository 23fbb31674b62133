"""What knows nothing else of ours."""
