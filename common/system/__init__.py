"""What differs between macOS and Linux, except for the sound system. One file a subject, with a fallback in each."""
