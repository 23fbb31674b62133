"""The spare machine's side of a split: what the desk wants is written, carried out and told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from common.basic.division import MOVABLE
from common.bus.peers import keyring
from common.bus.peers.curve import CurveKeys
from common.bus.peers.keyring import Keyring, PairedMachine
from common.bus.peers.peer_rights import PeerRight
from common.bus.split.link_frames import LINK, Wish
from common.config import settings
from common.errors import BusUnreachableError, PartylineError, SettingsError
from common.files.paths import Paths
from common.messages import wire
from common.requests import SetMute
from tests.common.bus.peers.halves.rig import worker
from tests.support.waiting import until
from workers.gate import desk_care
from workers.gate.desk_care import DeskCare

KEYS = CurveKeys.new()
USUAL = Wish(desk=("audio", "recorder", "dashboard"))


class Told:
    """The problems that are open."""

    def __init__(self) -> None:
        self.problems: dict[str, str] = {}

    def publish_problem(self, code: str, message: str, remedy: str) -> None:
        assert remedy
        self.problems[code] = message

    def clear_problem(self, code: str) -> None:
        self.problems.pop(code, None)


class Cared:
    def __init__(self, home: Path, right: PeerRight = "worker") -> None:
        self.paths = Paths(home)
        self.paths.make()
        self.told = Told()
        self.peer = PairedMachine(name="desk", public=KEYS.public, right=right, met_at=0.0)
        self.ring: Keyring | None = keyring.loaded_or_new(self.paths).adding(self.peer)
        self.care = DeskCare(self.paths, lambda: self.ring, self.told)
        self.sent: list[list[bytes]] = []

    async def hello(self, desk: tuple[str, ...] = MOVABLE) -> bytes:
        """Say hello as the link does, and return the verb of the answer."""
        hello = wire.pack({"desk": desk})
        await self.care.take(self.peer, [LINK, b"hello", b"connection", hello], self._send)
        return self.sent[-1][1]

    async def _send(self, frames: list[bytes]) -> None:
        self.sent.append(frames)


@pytest.fixture
async def cared(home: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Cared]:
    monkeypatch.setattr(desk_care, "LOOK_S", 0.02)
    made = Cared(home)
    caring = asyncio.create_task(made.care.run())
    yield made
    caring.cancel()
    await asyncio.gather(caring, return_exceptions=True)


async def welcomed(cared: Cared) -> bool:
    return await cared.hello() == b"welcome"


async def test_a_wish_is_written_and_the_desk_is_let_in_until_it_is_taken_back(cared: Cared) -> None:
    assert await cared.hello() == b"refused"
    cared.paths.settings_file.write_text('# mine\n[log]\nlevel = "debug"\n')
    await cared.care.divide(cared.peer, USUAL)
    split = settings.load(cared.paths).split
    assert (split.machine, split.side, split.desk) == ("desk", "spare", MOVABLE)

    async def is_welcomed() -> bool:
        return await welcomed(cared)

    await until(is_welcomed, "the desk is welcome")
    async with worker(cared.paths.run, "cli") as cli:
        asking = asyncio.create_task(cli.request(SetMute(peer="2.PS5", muted=True)))
        await until(lambda: cared.sent[-1][1] == b"ask", "the desk is asked for its audio worker")
        await cared.care.divide(cared.peer, Wish(desk=()))
        with pytest.raises(BusUnreachableError):
            await asking
    assert settings.load(cared.paths).split.division() is None
    assert "# mine" in cared.paths.settings_file.read_text()

    async def is_refused() -> bool:
        return await cared.hello() == b"refused"

    await until(is_refused, "nothing is split any more")
    assert cared.told.problems == {}


async def test_a_wish_that_makes_no_sense_changes_nothing(cared: Cared) -> None:
    with pytest.raises(SettingsError, match="auth runs on the other machine"):
        await cared.care.divide(cared.peer, Wish(desk=("audio", "auth")))
    assert settings.load(cared.paths).split.division() is None


async def test_a_desk_without_the_right_is_told(cared: Cared) -> None:
    await cared.care.divide(cared.peer, USUAL)
    assert cared.ring is not None
    cared.ring = cared.ring.without(cared.peer)
    await until(lambda: "gate.split" in cared.told.problems, "it is not paired for that")
    assert await cared.hello() == b"refused"
    cared.ring = cared.ring.adding(cared.peer)
    await until(lambda: "gate.split" not in cared.told.problems, "it is paired again")


async def test_a_desk_that_stays_away_is_told(cared: Cared, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_care, "LOST_S", 0.1)
    await cared.care.divide(cared.peer, USUAL)
    await until(lambda: "gate.desk-away" in cared.told.problems, "the desk is away")
    assert "stays in its party" in cared.told.problems["gate.desk-away"]
    assert await cared.hello() == b"welcome"
    await until(lambda: "gate.desk-away" not in cared.told.problems, "the desk is here")


async def test_settings_that_cannot_be_written_are_said(cared: Cared, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(desk_care.edit, "write", full)
    with pytest.raises(PartylineError, match="No space left"):
        await cared.care.divide(cared.peer, USUAL)
