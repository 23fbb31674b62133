"""The two ends of a split pipeline: the gate's end at the spare machine, and the link's at the desk."""
