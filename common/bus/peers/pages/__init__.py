"""The pages of a paired machine, served here without a certificate: its connections go through the gate."""
