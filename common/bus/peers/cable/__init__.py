"""Sound on its way between two machines: what decides, without I/O."""
