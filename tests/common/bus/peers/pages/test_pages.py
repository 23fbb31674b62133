"""The pages of a paired machine through a real gate: what its browser gets, by right, and when one side is away."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import zmq.asyncio

from common.bus.peers.bus_gate import BusGate
from common.bus.peers.curve import CurveKeys
from common.bus.peers.far_site import FarSite
from common.bus.peers.keyring import Keyring, PairedMachine
from common.bus.peers.pages import far_pages, paired_pages
from common.bus.peers.pages.far_pages import FarPages
from common.bus.peers.pages.streams import DATA, END, TAKEN, WINDOW, PageStream
from common.config.pages import Keys, load_keys
from common.errors import BusError, BusUnreachableError
from common.files.paths import Paths
from tests.support.processes import free_port
from tests.support.waiting import until

SPARE, DESK, EARS, STRANGER = (CurveKeys.new() for _ in range(4))
DESK_THERE = PairedMachine(name="desk", public=DESK.public, right="control", met_at=0.0)
EARS_THERE = PairedMachine(name="ears", public=EARS.public, right="listen", met_at=0.0)
WAY_BACK = PairedMachine(name="server", public=STRANGER.public, met_at=0.0)
KEYRING = Keyring(own=SPARE, peers=(DESK_THERE, EARS_THERE, WAY_BACK))


class Spare:
    """A machine with a gate, and a dashboard that sends back what it gets."""

    def __init__(self, home: Path) -> None:
        self.paths = Paths(home)
        self.port = free_port()
        self.open = 0

    async def echo(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        self.open -= 1
        writer.close()

    @contextlib.asynccontextmanager
    async def gate(self) -> AsyncIterator[None]:
        gate = BusGate(self.paths.run, lambda: KEYRING, "127.0.0.1", self.port)
        gate.set_pages(self.paths)
        serving = asyncio.create_task(gate.run())
        try:
            yield
        finally:
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)

    @contextlib.asynccontextmanager
    async def pages(self, keys: CurveKeys) -> AsyncIterator[tuple[FarPages, int]]:
        """Yield what a machine with these keys opened, and its port there."""
        context, port = zmq.asyncio.Context(), free_port()
        pages = FarPages(context, FarSite(f"127.0.0.1:{self.port}", keys, SPARE.public), port)
        try:
            async with pages.opened():
                running = asyncio.create_task(pages.run())
                try:
                    yield pages, port
                finally:
                    running.cancel()
                    await asyncio.gather(running, return_exceptions=True)
        finally:
            context.destroy(linger=0)


@pytest.fixture
async def spare(home: Path) -> AsyncIterator[Spare]:
    made = Spare(home)
    server = await asyncio.start_unix_server(made.echo, str(paired_pages.socket_of(made.paths.run)))
    yield made
    server.close()


async def test_bytes_pass_in_both_directions_whole_and_in_order(spare: Spare) -> None:
    sent = os.urandom(3 * WINDOW + 17)
    async with spare.gate(), spare.pages(DESK) as (_, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        other_reader, other_writer = await asyncio.open_connection("127.0.0.1", port)
        other_writer.write(b"small")
        assert await other_reader.readexactly(5) == b"small"

        async def send() -> None:
            writer.write(sent)
            await writer.drain()

        async with asyncio.timeout(30):
            _, back = await asyncio.gather(send(), reader.readexactly(len(sent)))
        assert back == sent
        writer.close()
        await until(lambda: spare.open == 1, "the end of one is passed on, the other stays")
        other_writer.close()


async def test_each_right_has_its_keys_and_a_stranger_none(spare: Spare, monkeypatch: pytest.MonkeyPatch) -> None:
    own = load_keys(spare.paths)
    async with spare.gate():
        async with spare.pages(DESK) as (pages, _):
            assert pages.keys == paired_pages.keys_of(own, DESK_THERE)
            rights = [paired_pages.rights_of(key, own, KEYRING.guests) for key in (pages.keys.full, pages.keys.read)]
            assert rights == ["full", "read"]
        async with spare.pages(EARS) as (pages, _):
            assert pages.keys.full == ""
            assert paired_pages.rights_of(pages.keys.read, own, KEYRING.guests) == "read"
        monkeypatch.setattr(far_pages, "ANSWER_S", 0.3)
        for keys in (STRANGER, CurveKeys.new()):
            with pytest.raises(BusUnreachableError):
                async with spare.pages(keys):
                    pass


def test_a_key_ends_with_the_pairing_with_its_right_and_with_the_keys_that_it_follows_from() -> None:
    own = Keys.drawn()
    mine = paired_pages.keys_of(own, DESK_THERE)
    assert paired_pages.rights_of(mine.full, own, (EARS_THERE,)) == ""
    weaker = PairedMachine(name="desk", public=DESK.public, right="listen", met_at=0.0)
    assert [paired_pages.rights_of(key, own, (weaker,)) for key in (mine.full, mine.read)] == ["", "read"]
    assert paired_pages.rights_of(mine.full, Keys.drawn(), (DESK_THERE,)) == ""
    for nothing in ("", own.full, own.read):
        assert paired_pages.rights_of(nothing, own, KEYRING.peers) == ""


async def test_a_gate_that_comes_back_serves_again(spare: Spare) -> None:
    async with contextlib.AsyncExitStack() as stack:
        async with spare.gate():
            pages, port = await stack.enter_async_context(spare.pages(DESK))
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"x")
            assert await reader.readexactly(1) == b"x"
            hearing, silent = await asyncio.open_connection("127.0.0.1", port)
            await until(lambda: pages._connection != b"", "the gate has named the connection")
        async with spare.gate():
            async with asyncio.timeout(30):
                assert await hearing.read() == b""  # one that only listens is told too
            silent.close()
            writer.write(b"to a stream that this gate does not know")
            async with asyncio.timeout(30):
                assert await reader.read() == b""  # the page connects again
            writer.close()
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"y")
            async with asyncio.timeout(30):
                assert await reader.readexactly(1) == b"y"
            assert not pages.is_away
            writer.close()


async def test_without_a_dashboard_the_connection_ends(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spare = Spare(home)
    async with spare.gate(), spare.pages(DESK) as (_, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        async with asyncio.timeout(30):
            assert await reader.read() == b""
        writer.close()
        monkeypatch.setattr("tests.common.bus.peers.pages.test_pages.free_port", lambda: port)
        with pytest.raises(BusError, match=str(port)):
            await spare.pages(DESK).__aenter__()


async def test_who_sends_more_than_the_window_is_cut_off() -> None:
    said: list[bytes] = []

    async def send(_: bytes, kind: bytes, __: bytes) -> None:
        said.append(kind)

    stream = PageStream(bytes(8), send)
    stuck = asyncio.Event()

    ended = asyncio.Event()

    async def never(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await stuck.wait()
        writer.close()
        ended.set()

    server = await asyncio.start_server(never, "127.0.0.1", free_port())
    port = server.sockets[0].getsockname()[1]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(2 * WINDOW // 16384 + 2):
        stream.take(DATA, bytes(16384))
    carrying = asyncio.create_task(stream.carry(reader, writer))
    async with asyncio.timeout(10):
        await carrying
    assert said[-1] == END
    assert said.count(TAKEN) <= 2 * WINDOW // 16384
    stuck.set()
    await ended.wait()
    server.close()
