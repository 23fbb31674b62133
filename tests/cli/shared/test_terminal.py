"""Tables, colours and figures on a terminal."""

from __future__ import annotations

import pytest

from cli.shared.terminal import Style, Table, has_browser, listed, percent, platform_name, span, width

PLAIN = Style(on=False)


def test_a_coloured_table_is_aligned_as_the_plain_one_is():
    rows = [[("a", "red"), "1"], [("bcd", ""), "22"]]
    coloured = Table(["X", "N"], rows, "lr").lines(Style(on=True))
    plain = Table(["X", "N"], rows, "lr").lines(PLAIN)
    for code in ("\x1b[2m", "\x1b[31m", "\x1b[0m"):
        coloured = [line.replace(code, "") for line in coloured]
    assert coloured == plain == ["  X     N", "  a     1", "  bcd  22"]


def test_wide_letters_take_two_columns():
    assert width("日本e\u0301") == 5


def test_figures_read_as_one_says_them():
    assert [span(s) for s in (-1, 59.4, 60, 7260, 3 * 86400)] == ["0 s", "59 s", "1 min", "2 h 1 min", "3 days"]
    assert [listed(list(names)) for names in ("", "a", "ab", "abc")] == ["", "a", "a and b", "a, b and c"]
    assert percent(0.0149) == "1.5 %"
    assert platform_name("XBOX") == "XBOX"


def test_no_colour_where_nobody_sees_it(monkeypatch):
    class Terminal:
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert Style.of(Terminal()).on
    monkeypatch.setenv("NO_COLOR", "1")
    assert not Style.of(Terminal()).on


@pytest.mark.parametrize(
    ("platform", "environ", "opens"),
    [
        ("darwin", {}, True),
        ("darwin", {"SSH_CONNECTION": "192.0.2.1 5 192.0.2.2 22"}, False),
        ("linux", {"DISPLAY": ":0"}, True),
        ("linux", {"DISPLAY": "localhost:10.0", "SSH_CONNECTION": "192.0.2.1 5 192.0.2.2 22"}, False),
        ("linux", {}, False),
    ],
)
def test_a_window_opens_on_this_machine_only(
    platform: str, environ: dict[str, str], opens: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "SSH_CONNECTION", "SSH_TTY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.platform", platform)
    assert has_browser() is opens
