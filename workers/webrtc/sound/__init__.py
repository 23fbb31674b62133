"""What a listener hears: frames of the audio plane, on the RTP clock, as Opus."""
