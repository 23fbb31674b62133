"""Benchmark of twenty clients of the API's events while sixteen talk: what they cost, and the mix meanwhile.

    python -m benchmarks.api.clients [--seconds 10] [--consoles 15] [--json FILE]

A real pipeline with the simulator and a sound server. Each case: CPU of the dashboard and of the audio worker each
second, memory, the mixer's own counters, how late an event is at a client, and how well single utterances in the
recorded sink fit what was said. Cases without a client are among them. Linux only, as it reads /proc.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx

from benchmarks.api.readers import Got, Kind, ReadersOrder
from common.api import PATH, keys
from common.config.pages import base_url
from common.config.tables import DashboardSettings
from common.messages import MixerState, PeerState
from simulator.consoles import voices
from tests.e2e import heard
from tests.e2e.pipeline import Control, Pipeline, pipeline
from tests.support.soundserver import Recorder, SoundServer
from tests.support.stalls import Stalls
from tests.support.waiting import eventually

WORKERS = ("dashboard", "audio", "media")
TICKS_S = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
CLIENTS, NEVER, SLOW = 20, 5, 5
UTTERANCE_S = 5
"""Longer than a voice of the simulator, so that nobody speaks into another's words."""
STAGE_NICE, PROBE_NICE = -6, -19
"""Priority of the pipeline before what else runs here, and of the probe of stalls before all (`benchmarks.chaos`)."""
DROPPED_S = 60.0
"""Time in which those who never read must be dropped: two pings of 20 s, and 10 s for the answer."""


@dataclass(frozen=True)
class Case:
    """So many clients, with levels so often (0: none), and whether others that do not read are there too."""

    name: str
    clients: int
    levels_hz: int = 0
    with_bad: bool = False
    chorus: bool = True

    def seconds(self, chosen: float) -> float:
        """Return its length. Those in which one talks at a time last longer, for enough utterances."""
        return chosen if self.chorus else 2 * chosen


CASES = (
    Case("no client", 0),
    Case("20 clients without levels", CLIENTS),
    Case("20 clients, levels 10/s", CLIENTS, 10),
    Case("20 clients, levels 20/s", CLIENTS, 20),
    Case("the same, and 5 that never read, 5 slow", CLIENTS, 20, with_bad=True),
    Case("no client again", 0),
    Case("no client, one talks at a time", 0, chorus=False),
    Case("20 clients, levels 20/s, one talks at a time", CLIENTS, 20, chorus=False),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10.0, help="of each case")
    parser.add_argument("--consoles", type=int, default=15, help="how many there are besides us")
    parser.add_argument("--json", type=Path, help="also write the rows there")
    arguments = parser.parse_args()
    with contextlib.suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, STAGE_NICE)
    rows = measure(arguments.seconds, arguments.consoles)
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1) + "\n")


def measure(seconds: float, consoles: int) -> list[dict[str, Any]]:
    with SoundServer() as server:
        env = {**server.env, "PARTYLINE_SIMULATOR__CONSOLES": str(consoles)}
        with pipeline(env) as made, server.record() as recorder:
            made.start()
            control = Control.of(made.paths.simulator_file)
            eventually(lambda: _connected(made) == consoles, "all consoles are connected", 120, every_s=0.5)
            bench = ClientsBench(made, control, recorder, seconds)
            rows = []
            for case in CASES:
                rows.append(bench.run(case))
                print(json.dumps(rows[-1]), flush=True)
            bench.close()
            return rows


class ClientsBench:
    """A pipeline in which everybody is connected."""

    def __init__(self, made: Pipeline, control: Control, recorder: Recorder, seconds: float) -> None:
        self._made, self._control, self._recorder, self._seconds = made, control, recorder, seconds
        self._stalls = Stalls(nice=PROBE_NICE)
        self._said = 0
        self._voices = voices.names()
        self._peers = sorted(f"{one.account_id}.{one.platform}" for one in made.state().all(PeerState))
        self._pids = {worker: made.pid(worker) for worker in WORKERS}
        self._base = base_url(DashboardSettings(port=int(made.env["PARTYLINE_DASHBOARD__PORT"])))
        self._keys = [keys.make(made.paths, f"client {number}", "read")[1] for number in range(CLIENTS + NEVER + SLOW)]
        eventually(self._is_valid, "the keys are taken up", every_s=0.2)

    def run(self, case: Case) -> dict[str, Any]:
        self._control.post("chorus", {"on": case.chorus})
        self._control.post("hush", {"on": True})  # so that nobody goes on from the case before
        self._control.post("hush", {"on": not case.chorus})
        with (
            self._readers("reads", case.levels_hz, self._keys[: case.clients]) as reading,
            self._readers("never", 20, self._keys[CLIENTS : CLIENTS + NEVER] if case.with_bad else []) as never,
            self._readers("slow", 20, self._keys[CLIENTS + NEVER :] if case.with_bad else []) as slow,
        ):
            time.sleep(3)  # until what a beginning costs is over
            self._stalls.forget()
            began_ns, before = time.monotonic_ns(), self._mixer()
            samples = self._samples(case.seconds(self._seconds), speak=not case.chorus)
            row = {**asdict(case), **_cpu(samples), **_counters(before, self._mixer())}
            stalls = self._stalls.found_ms()
            row["stalls of the machine"] = {"count": len(stalls), "worst ms": round(max(stalls, default=0.0), 1)}
            row["memory MB"] = {worker: round(max(s[1] for s in samples[worker]), 1) for worker in WORKERS}
            row |= self._heard(began_ns, case)
            if case.with_bad:
                row |= self._dropped()
        row |= {"clients got": _told(reading)}
        if case.with_bad:
            row |= {"never read": _told(never), "slow": _told(slow)}
        return row

    def close(self) -> None:
        self._stalls.close()

    # --- clients -----------------------------------------------------------------------------------

    @contextmanager
    def _readers(self, kind: Kind, levels_hz: int, bearers: list[str]) -> Iterator[list[Got]]:
        """Have clients in a process of their own. What they got is in the list after the block."""
        found: list[Got] = []
        if not bearers:
            yield found
            return
        url = f"ws{self._base.removeprefix('http')}{PATH}/events"
        order = ReadersOrder(url=url, keys=tuple(bearers), kind=kind, levels_hz=levels_hz)
        with subprocess.Popen(
            ["nice", "-n", str(-STAGE_NICE), sys.executable, "-m", "benchmarks.api.readers"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdin
            assert process.stdout
            process.stdin.write(json.dumps(asdict(order)) + "\n")
            process.stdin.flush()
            assert process.stdout.readline() == "ready\n"
            yield found
            process.stdin.close()
            found.append(Got(**json.loads(process.stdout.read())))

    def _dropped(self) -> dict[str, Any]:
        """Wait until those who never read are dropped, and return what is left of them."""
        eventually(
            lambda: self._metric("api_clients_dropped_total") >= NEVER, "they are dropped", DROPPED_S, every_s=0.5
        )
        after = self._samples(5)["dashboard"]
        return {
            "dropped": self._metric("api_clients_dropped_total"),
            "clients left": self._metric("api_clients"),
            "dashboard MB after the drop": round(after[-1][1], 1),
            "dashboard descriptors after the drop": len(list(Path(f"/proc/{self._pids['dashboard']}/fd").iterdir())),
        }

    def _metric(self, name: str) -> float:
        text = httpx.get(f"{self._base}/metrics", trust_env=False).text
        found = re.search(rf"^partyline_dashboard_{name} (\S+)$", text, re.MULTILINE)
        return float(found[1]) if found else 0.0

    def _is_valid(self) -> bool:
        headers = {"Authorization": f"Bearer {self._keys[-1]}"}
        return httpx.get(self._base + PATH, headers=headers, trust_env=False).status_code == 200

    # --- what it costs -----------------------------------------------------------------------------

    def _samples(self, seconds: float, *, speak: bool = False) -> dict[str, list[tuple[float, float]]]:
        """Return CPU in percent of a core and memory in MB of each worker, each second.

        `speak`: let one after the other say something meanwhile.
        """
        found: dict[str, list[tuple[float, float]]] = {worker: [] for worker in WORKERS}
        last = {worker: _usage(pid) for worker, pid in self._pids.items()}
        at = time.monotonic()
        while seconds > 0:
            if speak and len(found["audio"]) % UTTERANCE_S == 0:
                self._said += 1
                peer, voice = self._peers[self._said % len(self._peers)], self._voices[self._said % len(self._voices)]
                self._control.post("say", {"peer": peer, "voice": voice})
            time.sleep(1)
            seconds -= 1
            now, usage = time.monotonic(), {worker: _usage(pid) for worker, pid in self._pids.items()}
            for worker in WORKERS:
                found[worker].append(((usage[worker][0] - last[worker][0]) / (now - at) * 100, usage[worker][1]))
            last, at = usage, now
        return found

    def _mixer(self) -> list[MixerState | PeerState]:
        state = self._made.state()
        return [*state.all(MixerState), *state.all(PeerState)]

    def _heard(self, began_ns: int, case: Case) -> dict[str, Any]:
        recording = self._recorder.recording()
        if case.chorus:  # utterances on top of each other fit nothing by themselves
            until = time.monotonic_ns() - 1_000_000_000
            silence = heard.longest_silence_ms(recording.samples, recording.started_ns, began_ns, until)
            return {"longest silence of the sink ms": silence}
        matches = heard.lone_matches(recording.samples, recording.started_ns, self._control, began_ns)
        fits = sorted(match.alike for match in matches)
        return {
            "lone utterances": len(fits),
            "correlation median": round(statistics.median(fits), 4) if fits else None,
            "correlation worst": round(fits[0], 4) if fits else None,
        }


def _connected(made: Pipeline) -> int:
    return sum(peer.connection == "connected" for peer in made.state().all(PeerState))


def _usage(pid: int) -> tuple[float, float]:
    """Return a process' CPU in seconds and memory in MB."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return (int(fields[11]) + int(fields[12])) / TICKS_S, pages * PAGE / 1e6


def _cpu(samples: dict[str, list[tuple[float, float]]]) -> dict[str, Any]:
    def three(values: list[float]) -> dict[str, float]:
        ordered = sorted(values)
        return {
            "median": round(statistics.median(ordered), 1),
            "p95": round(ordered[int(len(ordered) * 0.95) - 1], 1),
            "worst": round(ordered[-1], 1),
            "mean": round(statistics.fmean(ordered), 2),
        }

    return {"CPU %": {worker: three([cpu for cpu, _ in found]) for worker, found in samples.items()}}


def _counters(before: list[MixerState | PeerState], after: list[MixerState | PeerState]) -> dict[str, Any]:
    def mixer(found: list[MixerState | PeerState]) -> MixerState:
        return next(one for one in found if isinstance(one, MixerState))

    def missing(state: MixerState) -> dict[str, int]:
        return {talker.peer: talker.missing for talker in state.talkers}

    old, new = missing(mixer(before)), missing(mixer(after))
    concealed = [sum(one.concealed_frames for one in found if isinstance(one, PeerState)) for found in (before, after)]
    return {
        "mixed frames": sum(t.frames for t in mixer(after).talkers) - sum(t.frames for t in mixer(before).talkers),
        "missing frames": sum(count - old.get(peer, 0) for peer, count in new.items()),
        "concealed frames": concealed[1] - concealed[0],
        "longest callback ms": round(mixer(after).render_ms, 2),
        "mixing": len(new),
    }


def _told(found: list[Got]) -> dict[str, Any]:
    if not found:
        return {}
    got = found[0]
    late = sorted(got.late_ms)
    told: dict[str, Any] = asdict(got)
    told["late_ms"] = (
        {"median": late[len(late) // 2], "p95": late[int(len(late) * 0.95)], "worst": late[-1]} if late else {}
    )
    return told


if __name__ == "__main__":
    main()
