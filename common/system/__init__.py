"""What differs between macOS and Linux, and is not the sound system. One file for each subject, each with a fallback."""
