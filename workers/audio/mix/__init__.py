"""One mix of all talkers: playout, gains, levelling, limiter."""
