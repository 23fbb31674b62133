"""Probes: each measures the evidence of a judgement. The caller limits their time."""
