"""A body that comes slowly, or never to its end, and one that is longer than it says."""

from __future__ import annotations

import asyncio
from typing import Any
from unittest.mock import Mock

import pytest
from aiohttp import StreamReader
from aiohttp.base_protocol import BaseProtocol
from aiohttp.test_utils import make_mocked_request

from workers.dashboard.api import body
from workers.dashboard.api.body import MOST_BYTES, read_fields
from workers.dashboard.api.callers import CallRefusedError


async def request(*pieces: bytes, ends: bool = True, **headers: str) -> Any:
    content = StreamReader(Mock(spec=BaseProtocol), 2**16, loop=asyncio.get_running_loop())
    for piece in pieces:
        content.feed_data(piece)
    if ends:
        content.feed_eof()
    return make_mocked_request("POST", "/", headers={"Content-Type": "application/json", **headers}, payload=content)


async def test_a_body_in_pieces_is_read_to_its_end() -> None:
    assert await read_fields(await request(b'{"a"', b": 1", b"}")) == {"a": 1}
    assert await read_fields(await request()) == {}


@pytest.mark.parametrize(("pieces", "ends", "status"), [
    ((b'{"a": 1',), False, 408),
    ((), False, 408),
    ((b"x" * MOST_BYTES, b"x"), False, 413),
    ((b"{", b"\xff"), True, 400),
    ((b"1",), True, 400),
])  # fmt: skip
async def test_what_is_no_whole_body_is_refused(
    pieces: tuple[bytes, ...], ends: bool, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body, "BODY_S", 0.02)
    with pytest.raises(CallRefusedError) as refused:
        await read_fields(await request(*pieces, ends=ends))
    assert refused.value.status == status


async def test_who_goes_away_meanwhile_is_none_of_ours() -> None:
    made = await request(b"{", ends=False)
    made.content.set_exception(ConnectionResetError())
    with pytest.raises(ConnectionResetError):
        await read_fields(made)
