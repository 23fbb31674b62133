"""`partyline doctor`: checks as data, pure judgements over what was measured, and small probes that measure."""
