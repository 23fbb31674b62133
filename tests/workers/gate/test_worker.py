"""The gate worker as a process: open for paired machines only, and closed for one within a second of its end."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

import msgspec

from common.bus import Bus
from common.bus.peers import keyring
from common.bus.peers.curve import CurveKeys
from common.bus.peers.far_site import FarSite
from common.bus.peers.keyring import Keyring, PairedMachine
from common.errors import BusUnreachableError
from common.files.paths import Paths
from common.messages import WorkerHealth
from tests.common.psn.rig import Rig, rig
from tests.support.processes import Process, free_port, short_folder

DESK, SOFA = CurveKeys.new(), CurveKeys.new()
MACHINES = tuple(
    PairedMachine(name=name, public=keys.public, right="listen", met_at=1.0)
    for name, keys in (("desk", DESK), ("sofa", SOFA))
)


class Gated:
    """A broker and a gate, with two machines paired."""

    def __init__(self, made: Rig, port: int) -> None:
        self.made = made
        self.port = port
        made.paths.make()
        self.ring = msgspec.structs.replace(keyring.loaded_or_new(made.paths), peers=MACHINES)
        self.save(self.ring)

    def save(self, ring: Keyring) -> None:
        keyring.save(self.made.paths, ring)

    async def sees(self, keys: CurveKeys) -> bool:
        bus = Bus("cli", FarSite(f"127.0.0.1:{self.port}", keys, self.ring.own.public))
        try:
            return bool(await bus.snapshot(WorkerHealth, wait_s=2.0))
        except BusUnreachableError:
            return False
        finally:
            await bus.close()

    async def health(self, words: str) -> None:
        await self.made.until(
            lambda: (found := self.made.now(WorkerHealth, "gate")) and words == found.detail, f"gate says {words!r}"
        )


@contextlib.asynccontextmanager
async def gated() -> AsyncIterator[Gated]:
    with short_folder() as home:
        async with rig(home) as made:
            port = free_port()
            found = Gated(made, port)
            made.up("broker", "gate", env={"PARTYLINE_PEERS__PORT": str(port), "PARTYLINE_PEERS__LISTEN": "127.0.0.1"})
            await found.health("for desk, sofa")
            yield found


async def test_paired_machines_get_in_and_one_that_is_unpaired_is_out() -> None:
    async with gated() as found:
        assert await found.sees(DESK)
        assert not await found.sees(CurveKeys.new())
        staying = Bus("cli", FarSite(f"127.0.0.1:{found.port}", SOFA, found.ring.own.public))
        beats = staying.subscribe(WorkerHealth)
        await anext(beats)
        found.save(found.ring.without(MACHINES[1]))
        await found.health("for desk")
        assert await found.sees(DESK)
        assert not await found.sees(SOFA)
        await staying.close()
        found.save(msgspec.structs.replace(found.ring, peers=()))
        await found.health("no machine is paired")
        assert not await found.sees(DESK)
        keyring.keyring_file(found.made.paths).write_bytes(b"{")
        problem = await found.made.until(lambda: found.made.problems().get("gate.keyring"), "it is told")
        assert "peers.json" in problem.message
        found.save(found.ring)
        await found.health("for desk, sofa")
        assert await found.sees(SOFA)
        assert "gate.keyring" not in found.made.problems()


def test_without_a_paired_machine_it_ends_at_once_and_opens_nothing() -> None:
    with short_folder() as home:
        Paths(home).make()
        process = Process("workers.gate", home)
        assert process.popen.wait(30) == 0
        assert not (Paths(home).run / "gate.lock").exists()


def test_a_machine_that_only_we_go_to_opens_no_gate() -> None:
    with short_folder() as home:
        paths = Paths(home)
        paths.make()
        keyring.save(paths, keyring.loaded_or_new(paths).adding(msgspec.structs.replace(MACHINES[0], right=None)))
        assert Process("workers.gate", home).popen.wait(30) == 0
