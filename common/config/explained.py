"""What each setting means: the docstrings of `common.config.tables`."""

from __future__ import annotations

from common.basic.field_docs import field_docs
from common.config.tables import Settings


def explanations() -> dict[tuple[str, str], str]:
    """Return (table, key) → the explanation, on one line."""
    settings = Settings()
    found: dict[tuple[str, str], str] = {}
    for table in Settings.__struct_fields__:
        cls: type[object] = type(getattr(settings, table))
        found |= {(table, key): words for key, words in field_docs(cls).items()}
    return found
