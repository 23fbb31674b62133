"""In which line something stands."""

from __future__ import annotations

import pytest

from integrations.obs_rules.rules.line_numbers import line_of, steps

TEXT = """# head
[[rule]]
who = "a"
show = { scene = "x", source = "y" }

  [[ rule ]]
"who" = "b"
show.scene = "x"
[rule.text]
source = "t"
[exclusive.faces]
wins = "latest"
[exclusive."two words"]
"""
LONG = """
a = 1
text = '''
[x]
a = 2
'''
b = \"\"\"one line\"\"\"
[x]
a = 3
a = 4
"""


@pytest.mark.parametrize(("path", "line"), [
    (("rule", 0), 2), (("rule", 0, "who"), 3), (("rule", 0, "show", "scene"), 4), (("rule", 0, "no"), 2),
    (("rule", 1), 6), (("rule", 1, "who"), 7), (("rule", 1, "show"), 8), (("rule", 1, "text", "source"), 10),
    (("rule", 1, "text", "no"), 9), (("exclusive", "faces", "wins"), 12), (("exclusive", "two words"), 13),
    ((), 1), (("no",), 1),
])  # fmt: skip
def test_the_line_of_a_key_or_of_the_table_around_it(path: tuple[str | int, ...], line: int) -> None:
    assert line_of(TEXT, path) == line


@pytest.mark.parametrize(("path", "line"), [(("a",), 2), (("text",), 3), (("b",), 7), (("x",), 8), (("x", "a"), 9)])
def test_what_looks_like_a_key_in_a_long_text_is_none(path: tuple[str, ...], line: int) -> None:
    assert line_of(LONG, path) == line


def test_a_path_as_msgspec_writes_it() -> None:
    assert steps("$.rule[12].show.scene") == ("rule", 12, "show", "scene")
    assert steps("$") == ()
