"""The messages of the bus, and the calls to Sony's servers."""
