"""A split pipeline on two machines: the party in this network namespace, the desk in another one, a cable between."""

from __future__ import annotations

import contextlib
import subprocess
import threading
import time
from collections.abc import Iterator

from benchmarks.machines.space import HERE, WITHIN
from common.basic.clock import boot_s
from common.bus import AudioSubscriber
from common.bus.peers import keyring
from common.bus.peers.keyring import PairedMachine
from common.bus.retained import is_fresh
from common.messages import PartyState, PeerState, Problem, WorkerHealth
from tests.e2e.pipeline import BIN, Pipeline, State, pipeline
from tests.support.processes import free_port

PARTY = ("auth", "session", "signaling", "media")
DESK = ("audio", "recorder", "dashboard", "obs")
THINGS = {"spare": ("broker", "gate", *PARTY), "desk": ("broker", "link", *DESK)}
"""What runs on each of the two machines."""


class Within(Pipeline):
    """A pipeline in the other network namespace. Its sockets in the file system are those of this one too."""

    def start(self) -> None:
        self._supervisord = subprocess.Popen(
            [*WITHIN, BIN / "supervisord", "-n", "-c", "supervisord.conf"],
            cwd=self.folder, env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def partyline(self, *words: str, stdin: str = "", within_s: float = 90) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*WITHIN, BIN / "partyline", *words],
            cwd=self.folder, env=self.env, input=stdin, capture_output=True, text=True, timeout=within_s, check=False,
        )  # fmt: skip


class TwoHomes:
    def __init__(self, spare: Pipeline, desk: Pipeline, consoles: int) -> None:
        self.spare = spare
        self.desk = desk
        self.consoles = consoles

    def pair(self, port: int, right: str = "worker") -> None:
        """Let the two know each other, as `partyline pair --right worker` does."""
        rings = {one: keyring.loaded_or_new(one.paths) for one in (self.spare, self.desk)}
        desk = PairedMachine(name="desk", public=rings[self.desk].own.public, right=right, met_at=0.0)  # type: ignore[arg-type]
        spare = PairedMachine(name="spare", public=rings[self.spare].own.public, address=f"{HERE}:{port}", met_at=0.0)
        keyring.save(self.spare.paths, rings[self.spare].adding(desk))
        keyring.save(self.desk.paths, rings[self.desk].adding(spare))

    def states(self) -> tuple[State, State]:
        """Return what the brokers of desk and spare machine retain."""
        return self.desk.state(), self.spare.state()

    def lacks(self) -> str:
        """Return what is not as it should be with the two joined, empty if everything is."""
        for name, state in zip(("desk", "spare"), self.states(), strict=True):
            if found := self._lacks(state):
                return f"{name}: {found}"
        return ""

    def _lacks(self, state: State) -> str:
        fresh = {
            one.worker
            for one in state.all(WorkerHealth)
            if is_fresh(one, boot_s()) and one.state in ("running", "degraded")
        }
        if missing := {*PARTY, *DESK} - fresh:
            return f"no heartbeat of {', '.join(sorted(missing))}"
        party = state.one(PartyState)
        if party is None or party.phase != "joined" or len(party.members) != self.consoles + 1:
            return "the party is not joined" if party is None or party.phase != "joined" else "members are missing"
        peers = [one.connection for one in state.all(PeerState)]
        if peers.count("connected") < self.consoles:
            return f"connections: {', '.join(peers)}"
        codes = [one.code for one in state.all(Problem) if one.code.startswith(("link.", "gate.", "worker.missing"))]
        return ", ".join(codes)


@contextlib.contextmanager
def two_homes(consoles: int) -> Iterator[TwoHomes]:
    port = free_port()
    env = {"PARTYLINE_AUDIO__SINK": "null", "PARTYLINE_SIMULATOR__CONSOLES": str(consoles)}
    spare_env = {**env, "PARTYLINE_PEERS__PORT": str(port), "PARTYLINE_PEERS__LISTEN": HERE}
    with pipeline(spare_env) as spare, pipeline(env, Within) as desk:
        made = TwoHomes(spare, desk, consoles)
        made.pair(port)
        yield made


class VoiceWatch:
    """Listens to the voices at the desk, as audio does: when frames came, and how late."""

    def __init__(self, desk: Pipeline) -> None:
        self._source = AudioSubscriber(desk.paths.run)
        self._stop = False
        self._lock = threading.Lock()
        self._last = time.monotonic()
        self._gaps: list[tuple[float, float]] = []
        self.frames = 0
        self.first_at = 0.0
        self.late_ms: list[float] = []
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        while not self._stop:
            for frame, _ in self._source.receive(50):
                now = time.monotonic()
                with self._lock:
                    if now - self._last > GAP_S:
                        self._gaps.append((self._last, now))
                    self._last = now
                    self.first_at = self.first_at or now
                    self.frames += 1
                    self.late_ms.append((time.monotonic_ns() - frame.tick_ns) / 1e6)

    def silent_for(self) -> float:
        return time.monotonic() - self._last

    def gaps_since(self, began: float) -> list[float]:
        """Return the lengths of the silences that ended after that moment."""
        with self._lock:
            return [end - start for start, end in self._gaps if end > began]

    def back_at(self, began: float) -> float:
        """Return when voices were back for good, `began` if they never were away."""
        with self._lock:
            return max([end for _, end in self._gaps if end > began], default=began)

    def forget(self) -> None:
        with self._lock:
            self.late_ms.clear()

    def close(self) -> None:
        self._stop = True
        self._thread.join()
        self._source.close()


GAP_S = 0.1
"""Frames come each 10 ms. A longer silence is heard."""
