from __future__ import annotations

import asyncio
from typing import cast

import msgspec
import pytest

from common.errors import SignInError
from tests.workers.auth.parts import Memory
from tests.workers.auth.sign_in.test_refresh_schedule import tokens
from workers.auth.stored.current_tokens import CurrentTokens
from workers.auth.stored.store import Store
from workers.auth.stored.token_set import TokenSet


def current(memory: Memory) -> CurrentTokens:
    return CurrentTokens(cast("Store", memory))


async def test_memory_and_store_have_the_same_tokens() -> None:
    memory = Memory(tokens())
    held = current(memory)
    await held.load()
    fresh = msgspec.structs.replace(tokens(), access_token="a-2")
    assert await held.swap(fresh, held.tokens)
    assert held.tokens == memory.kept == fresh
    assert not await held.swap(tokens(), tokens())
    assert held.tokens == memory.kept == fresh


async def test_tokens_that_cannot_be_stored_are_current_all_the_same() -> None:
    memory = Memory()
    held = current(memory)
    memory.fault = OSError(13, "Permission denied")
    assert await held.swap(tokens())
    assert (held.tokens, held.unstored) == (tokens(), "Permission denied")
    memory.fault = None
    assert await held.swap(tokens())
    assert held.unstored == ""


async def test_what_is_dropped_is_still_stored_and_what_is_forgotten_is_not() -> None:
    memory = Memory(tokens())
    held = current(memory)
    await held.load()
    held.drop()
    assert (held.tokens, memory.kept) == (None, tokens())
    await held.load()
    await held.forget()
    assert (held.tokens, memory.kept) == (None, None)


async def test_a_store_that_cannot_be_emptied_leaves_nobody_signed_in() -> None:
    class Stubborn(Memory):
        async def forget(self) -> None:
            raise SignInError("no", "delete it")

    held = current(Stubborn(tokens()))
    await held.load()
    with pytest.raises(SignInError):
        await held.forget()
    assert held.tokens is None


async def test_a_sign_out_waits_for_a_store_that_is_slow() -> None:
    stored = asyncio.Event()

    class Slow(Memory):
        async def save(self, new: TokenSet) -> None:
            await stored.wait()
            await super().save(new)

    memory = Slow()
    held = current(memory)
    swap = asyncio.create_task(held.swap(tokens()))
    await asyncio.sleep(0)
    forget = asyncio.create_task(held.forget())
    stored.set()
    await asyncio.wait_for(asyncio.gather(swap, forget), 5)
    assert (held.tokens, memory.kept) == (None, None)
