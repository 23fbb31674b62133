"""The person at the terminal: asked before what others can see, and free to leave out what cannot be done."""

from __future__ import annotations

import asyncio
import os
import sys

import pytest

from cli.probe.operators import ConsoleAction, TerminalOperator

WISH = ConsoleAction("join", "Join on the console.")


@pytest.fixture
def keys(monkeypatch):
    """A pipe in place of the keyboard."""
    read, write = os.pipe()
    with os.fdopen(read) as stdin, os.fdopen(write, "wb", buffering=0) as typed:
        monkeypatch.setattr(sys, "stdin", stdin)
        yield typed


@pytest.mark.parametrize(("typed", "agreed"), [(b"y\n", True), (b"YES\n", True), (b"\n", False), (b"no\n", False)])
async def test_only_a_yes_is_a_yes(keys, typed, agreed):
    keys.write(typed)
    assert await TerminalOperator(asks=True).agree("Go on?") is agreed


async def test_the_end_of_input_is_a_no(keys):
    keys.close()
    assert await TerminalOperator(asks=True).agree("Go on?") is False


async def test_without_questions_everything_is_agreed_to_and_nothing_is_read(keys, capsys):
    person = TerminalOperator(asks=False)
    assert await person.agree("Go on?")
    assert not await person.answer("Which?")
    async with person.request(WISH) as declined:
        assert not declined.is_set()
    assert "Join on the console." in capsys.readouterr().out


async def test_enter_leaves_out_what_cannot_be_done(keys):
    async with TerminalOperator(asks=True).request(WISH) as declined:
        keys.write(b"\n")
        await asyncio.wait_for(declined.wait(), 30)


async def test_once_it_is_done_the_next_line_is_for_the_next_question(keys):
    person = TerminalOperator(asks=True)
    async with person.request(WISH) as declined:
        await asyncio.sleep(0)
        assert not declined.is_set()
    keys.write(b"Quiet-Heron\n")
    assert await person.answer("Whom?") == "Quiet-Heron"


async def test_what_the_run_does_not_wait_for_takes_no_line(keys):
    person = TerminalOperator(asks=True)
    async with person.request(ConsoleAction("have a party", "Make one.", waited_for=False)):
        keys.write(b"https://party.playstation.com/js_x\n")
        assert await person.answer("Its link?") == "https://party.playstation.com/js_x"


async def test_lines_that_come_together_are_taken_one_by_one(keys):
    keys.write(b"y\nn\nlast")
    keys.close()
    person = TerminalOperator(asks=True)
    assert [await person.agree("?"), await person.agree("?")] == [True, False]
    assert await person.answer("?") == "last"
    assert not await person.answer("?")
