"""What `benchmarks.machines.webrtc` is made of: the cable, the mix, the pages, the score."""
