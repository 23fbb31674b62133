from __future__ import annotations

import asyncio

import msgspec

from tests.workers.auth.parts import Parts
from tests.workers.auth.sign_in.test_refresh_schedule import tokens


async def test_stored_tokens_are_found_and_published() -> None:
    parts = Parts(tokens())
    waiting = asyncio.create_task(parts.sign_in.loaded())
    await asyncio.sleep(0)
    assert not waiting.done()
    await parts.loaded()
    await asyncio.wait_for(waiting, 5)
    assert [state.state for state in parts.states] == ["signed_in"]
    assert (parts.sign_in.stored.at, parts.sign_in.stored.file) == ("file", "/tokens")


async def test_tokens_that_cannot_be_stored_are_used_and_said_to_be_lost_at_a_restart() -> None:
    parts = await Parts().loaded()
    parts.memory.fault = OSError(28, "No space left on device")
    await parts.sign_in.start(tokens())
    assert parts.sign_in.tokens == tokens()
    assert "No space left" in parts.problems["auth.store"]
    parts.memory.fault = None
    await parts.sign_in.keep(msgspec.structs.replace(tokens(), access_token="a-2"), instead_of=parts.sign_in.tokens)
    assert not parts.problems


async def test_a_keychain_that_is_not_used_is_a_problem_until_it_is() -> None:
    parts = Parts()
    parts.memory.keychain_fault = "The keychain is locked."
    await parts.loaded()
    assert parts.problems == {"auth.keychain": "The keychain is locked."}
    parts.memory.keychain_fault = ""
    await parts.sign_in.start(tokens())
    assert not parts.problems


async def test_tokens_of_a_sign_in_that_was_replaced_are_dropped() -> None:
    parts = await Parts(tokens()).loaded()
    stale = parts.sign_in.tokens
    await parts.sign_in.start(msgspec.structs.replace(tokens(), access_token="new"))
    steps = parts.steps
    await parts.sign_in.keep(msgspec.structs.replace(tokens(), access_token="late"), instead_of=stale)
    assert parts.memory.kept is not None
    assert parts.memory.kept.access_token == "new"
    assert parts.steps == steps


async def test_waiting_for_tokens_has_a_limit() -> None:
    parts = await Parts().loaded()
    await asyncio.wait_for(parts.sign_in.wait_for_tokens(0.01), 5)
    assert parts.sign_in.tokens is None
