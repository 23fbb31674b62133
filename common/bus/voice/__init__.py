"""Speech that is missing: libopus with its concealment, the extension by pitch periods, stretch, and seams."""
