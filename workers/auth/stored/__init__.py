"""The tokens, in memory and on disk or in the keychain."""
