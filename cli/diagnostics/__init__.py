"""What the bus and Sony's servers say."""
