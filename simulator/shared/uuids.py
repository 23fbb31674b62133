"""The form of a UUID."""

from __future__ import annotations

import uuid


def is_uuid(text: object) -> bool:
    """Return whether `text` is a UUID in its canonical form."""
    if not isinstance(text, str) or len(text) != 36:
        return False
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False
