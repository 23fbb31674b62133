"""Keys at a prompt without echo."""

from __future__ import annotations

import os
import pty
import select
import termios
from collections.abc import Iterator

import pytest

from cli.account import hidden_prompt

NPSSO = "aB3" * 21 + "x"


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        (b"abc\n", "abc"),
        (b"abc\r", "abc"),
        (b"abx\x7fc\n", "abc"),
        (b"wrong\x15abc\n", "abc"),
        (b"abc\x04", "abc"),
        (b"\x1b[200~abc\x1b[201~\n", "abc"),
        (b'{"npsso":\n "x"\n}\n', '{"npsso":\n "x"\n}'),
        (b'{"npsso":\n\n', '{"npsso":'),
        (b"\n", ""),
        ("ä\n".encode(), "ä"),
    ],
)
def test_keys_become_the_text_that_was_meant(keys, text):
    assert hidden_prompt.Line().feed(keys) == text
    slow = hidden_prompt.Line()
    assert [slow.feed(bytes([key])) for key in keys][-1] == text


def test_ctrl_d_on_an_empty_line_is_the_end():
    with pytest.raises(EOFError):
        hidden_prompt.Line().feed(b"\x04")


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    """Both ends of a terminal: the person's, the program's."""
    person, program = pty.openpty()
    yield person, program
    os.close(person)
    os.close(program)


def shown(person: int) -> bytes:
    found = b""
    while select.select([person], [], [], 0)[0]:
        found += os.read(person, 4096)
    return found


def test_nothing_of_a_paste_is_shown_and_the_terminal_is_as_before(terminal, capsys):
    person, program = terminal
    before = termios.tcgetattr(program)
    looks: list[int] = []

    def look() -> None:
        looks.append(1)
        os.write(person, NPSSO.encode() + b"\nthe rest\n")

    assert hidden_prompt.ask("? ", look, fd=program) == NPSSO
    assert len(looks) == 1, "the first key ends the looking"
    assert NPSSO.encode() not in shown(person)
    assert termios.tcgetattr(program) == before
    assert not select.select([program], [], [], 0)[0], "what was pasted beyond the end is thrown away"
    assert capsys.readouterr().out == "? \n"


def test_what_the_looking_finds_is_taken(terminal):
    assert hidden_prompt.ask("? ", iter([None, None, "found"]).__next__, fd=terminal[1]) == "found"


def test_the_looking_ends_after_its_time_and_the_question_stays(terminal):
    person, program = terminal
    now = [0.0]
    looks: list[float] = []

    def look() -> None:
        looks.append(now[0])
        now[0] += hidden_prompt.POLL_FOR_S

    def clock() -> float:
        if looks:
            os.write(person, b"typed\n")
        return now[0]

    assert hidden_prompt.ask("? ", look, fd=program, clock=clock) == "typed"
    assert looks == [0.0]
