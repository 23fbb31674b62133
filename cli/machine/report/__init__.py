"""`partyline report`: a bundle for a bug report, without secrets and without names."""
