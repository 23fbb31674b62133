from __future__ import annotations

import pytest

from tests.workers.dashboard.pages.javascript import javascript


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Bo-Streams", "BS"),
        ("cleo", "CL"),
        ("\U0001d4d1\U0001d4b8", "\U0001d4d1\U0001d4b8"),  # whole letters, not halves of them
        ("\u2069\u05e9\u05dc", "\u05e9\u05dc"),
        ("\U0001f451\u200d\U0001f525", "\U0001f451\u200d\U0001f525"),  # one symbol of two
        ("\u202e\U0001f1e9\U0001f1ea!", "\U0001f1e9\U0001f1ea"),
        ("…", "?"),
        ("", "?"),
    ],
)
def test_a_face_without_a_picture_has_two_letters_or_a_symbol(name: str, shown: str) -> None:
    with javascript("shared/format.js") as js:
        assert js("initials(name)", name=name) == shown
