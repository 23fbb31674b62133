"""Docstrings of fields, read from the source."""

from __future__ import annotations

import msgspec

from common.basic.field_docs import field_docs


class Thing(msgspec.Struct):
    """A class is no field."""

    plain: int
    told: int = 0
    """One
    line."""
    odd: str = ""
    3  # noqa: B018  # no text

    def method(self) -> int:
        """It is no field either."""
        return self.plain


def test_only_what_stands_below_a_field_is_its_docstring() -> None:
    assert field_docs(Thing) == {"told": "One line."}
