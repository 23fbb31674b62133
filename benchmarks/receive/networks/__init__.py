"""The receive path on networks that are drawn from ranges: generator, speech, receivers, judges, verdict."""
