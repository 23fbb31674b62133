"""At the desk of a split pipeline: brings the workers of the spare machine onto the bus of this one."""
