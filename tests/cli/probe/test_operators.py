"""The person at the terminal: asked before what others can see, and free to leave out what cannot be done."""

from __future__ import annotations

import asyncio
import os
import sys

import pytest

from cli.probe.operators import Person, Wish

WISH = Wish("join", "Join on the console.")


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
    assert await Person(asks=True).agree("Go on?") is agreed


async def test_the_end_of_input_is_a_no(keys):
    keys.close()
    assert await Person(asks=True).agree("Go on?") is False


async def test_without_questions_everything_is_agreed_to_and_nothing_is_read(keys, capsys):
    person = Person(asks=False)
    assert await person.agree("Go on?")
    assert not await person.answer("Which?")
    async with person.please(WISH) as wont:
        assert not wont.is_set()
    assert "Join on the console." in capsys.readouterr().out


async def test_enter_leaves_out_what_cannot_be_done(keys):
    async with Person(asks=True).please(WISH) as wont:
        keys.write(b"\n")
        await asyncio.wait_for(wont.wait(), 30)


async def test_once_it_is_done_the_next_line_is_for_the_next_question(keys):
    person = Person(asks=True)
    async with person.please(WISH) as wont:
        await asyncio.sleep(0)
        assert not wont.is_set()
    keys.write(b"Quiet-Heron\n")
    assert await person.answer("Whom?") == "Quiet-Heron"


async def test_what_the_run_does_not_wait_for_takes_no_line(keys):
    person = Person(asks=True)
    async with person.please(Wish("have a party", "Make one.", waited_for=False)):
        keys.write(b"https://party.playstation.com/js_x\n")
        assert await person.answer("Its link?") == "https://party.playstation.com/js_x"


async def test_lines_that_come_together_are_taken_one_by_one(keys):
    keys.write(b"y\nn\nlast")
    keys.close()
    person = Person(asks=True)
    assert [await person.agree("?"), await person.agree("?")] == [True, False]
    assert await person.answer("?") == "last"
    assert not await person.answer("?")
