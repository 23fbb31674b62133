"""What differs between macOS and Linux but the sound system, a file for each subject, each with a fallback."""
