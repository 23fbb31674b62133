"""Two machines as one pipeline: what crosses between the link at the desk and the gate of the spare machine."""
