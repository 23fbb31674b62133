"""Benchmark of `partyline obs lipsync`: what it estimates from OBS's meters, against the samples that OBS recorded.

    python -m benchmarks.sound.lip_sync [--runs 8] [--seconds 20] [--json FILE]

A real OBS captures a "microphone" (a sink of PulseAudio's on which somebody speaks), and plays another member's voice
by our stream from a real dashboard. The speaker's own voice goes over the audio plane, 60 to 500 ms later. The truth is
read from OBS's recording to the sample. Debian only.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.sound.transports import REFERENCE, SOURCE
from cli.obs.lip_sync.estimate import lag
from cli.obs.lip_sync.listen import Peaks, listen
from common.bus import AudioPublisher
from common.messages import FRAME_SAMPLES, AudioFrame
from common.obs.connection import connect
from common.obs.media_source import MEDIA, SETTINGS
from simulator.consoles import voices
from tests.cli.obs.recording import Recorded, ask, record, settings
from tests.cli.obs.studio import Studio, studio
from tests.e2e.heard import source
from tests.support.soundserver import RATE, SINK, SoundServer
from tests.workers.dashboard.stage import Stage, member, staged

OWN, OTHER = member(1), member(2)
DELAYS_S = (0.06, 0.12, 0.2, 0.35, 0.5)
PIECE_S = 3.0
"""Length of the piece of speech that is found in the recording."""


def speech(seconds: float, seed: int, people: Sequence[str]) -> NDArray[np.float32]:
    """Return sentences of these people with pauses, in an order of their own."""
    order = np.random.default_rng(seed)
    names = [name for person in people for name in voices.of_speaker(person)]
    said: list[NDArray[np.float32]] = []
    while sum(map(len, said)) < seconds * RATE:
        said += [source(str(order.choice(names))), np.zeros(round(order.uniform(0.2, 0.8) * RATE), np.float32)]
    return np.concatenate(said)[: round(seconds * RATE)]


class Speakers:
    """The microphone in its sink, and both voices on the audio plane."""

    def __init__(self, stage: Stage, server: SoundServer, seconds: float, delay_s: float, seed: int) -> None:
        people = voices.speakers()  # no sentence may be said by both, or one would be taken for the other
        self.own, self.other = speech(seconds, seed, people[::2]), speech(seconds, seed, people[1::2])
        self._publisher = AudioPublisher(stage.paths.run)
        self._ending = threading.Event()
        file = server.folder / "speech.raw"
        file.write_bytes(np.asarray(np.rint(self.own * 32767), "<i2").tobytes())
        # by a program of its own, with a long buffer: a gap in the microphone would not be in the party's voice
        self._microphone = subprocess.Popen(
            ["pacat", "--raw", "--format=s16le", f"--rate={RATE}", "--channels=1", "--latency-msec=500", str(file)],
            env=server.environment(),
            stdin=subprocess.DEVNULL,
        )
        self.began_ns = time.monotonic_ns()
        self.own_began_ns = self.began_ns + round(delay_s * 1e9)
        self._thread = threading.Thread(target=self._publish, daemon=True)
        self._thread.start()

    def _publish(self) -> None:
        late = (self.own_began_ns - self.began_ns) * RATE // 1_000_000_000
        own = np.concatenate([np.zeros(late, np.float32), self.own])
        for tick in range(len(own) // FRAME_SAMPLES):
            due_ns = self.began_ns + tick * 10_000_000
            if self._ending.wait(max(0.0, (due_ns - time.monotonic_ns()) / 1e9)):
                return
            for who, sound in ((OWN, own), (OTHER, self.other)):
                samples = sound[tick * FRAME_SAMPLES : (tick + 1) * FRAME_SAMPLES]
                raw = np.asarray(np.rint(samples * 32767), "<i2")
                frame = AudioFrame(peer=who.peer, boot=f"m{self.began_ns}", tick=tick, tick_ns=due_ns)
                self._publisher.send(frame, raw.tobytes() if raw.any() else b"")

    def stop(self) -> None:
        self._ending.set()
        self._thread.join(5)
        self._microphone.terminate()
        self._microphone.wait(5)
        self._publisher.close()


def place(sound: NDArray[np.float32], piece: NDArray[np.float32], around: float) -> float:
    """Return where `piece` begins in `sound`, at most 2 s from `around`, in seconds."""
    begin = max(0, round((around - 2) * RATE))
    part = sound[begin : round((around + 2) * RATE) + len(piece)]
    size = 1 << (len(part) + len(piece)).bit_length()
    product = np.fft.irfft(np.fft.rfft(part, size) * np.conj(np.fft.rfft(piece, size)), size)
    return (begin + int(np.argmax(product[: len(part) - len(piece)]))) / RATE


def truth(recorded: Recorded, speakers: Speakers, seconds: float) -> float:
    """Return how much later OBS's file has what comes from the party than the microphone, in seconds."""
    found = []
    for at in np.arange(3.0, seconds - PIECE_S - 2, PIECE_S):
        begin = round(at * RATE)
        mine, theirs = (sound[begin : begin + round(PIECE_S * RATE)] for sound in (speakers.own, speakers.other))
        around = (speakers.began_ns - recorded.started_ns) / 1e9 + float(at)
        found.append(place(recorded.samples, theirs, around) - place(recorded.samples, mine, around))
    return statistics.median(found) + (speakers.own_began_ns - speakers.began_ns) / 1e9


def listened(obs: Studio, stage: Stage, seconds: float) -> Peaks:
    async def run() -> Peaks:
        async with connect(settings(obs), meters=True) as there:
            return await listen(
                there,
                stage.paths.run,
                microphone=REFERENCE,
                ours=[SOURCE],
                account_id=OWN.account_id,
                gains={OTHER.peer: 1.0},
                seconds=seconds,
            )

    return asyncio.run(run())


def measure(obs: Studio, stage: Stage, server: SoundServer, seconds: float, number: int) -> dict[str, Any]:
    delay_s = DELAYS_S[number % len(DELAYS_S)]
    kept: list[Peaks] = []
    speakers = Speakers(stage, server, seconds + 8, delay_s, number)

    def over() -> bool:
        kept.append(listened(obs, stage, seconds))
        return True

    recorded = record(obs, over, "it was listened")
    speakers.stop()
    heard = kept[0]
    mine, path = lag(heard.microphone, heard.own_voice), lag(heard.ours, heard.others)
    other = lag(heard.microphone, heard.others)
    true_s = truth(recorded, speakers, seconds)
    assert mine is not None
    assert path is not None
    found_s = path.seconds - mine.seconds
    return {
        "delay_ms": round(delay_s * 1000),
        "true_ms": round(true_s * 1000, 1),
        "found_ms": round(found_s * 1000, 1),
        "error_ms": round((found_s - true_s) * 1000, 1),
        "likeness": [round(mine.likeness, 2), round(path.likeness, 2)],
        "rival": [round(mine.rival, 2), round(path.rival, 2)],
        "spread_ms": [round(mine.spread_s * 1000, 1), round(path.spread_s * 1000, 1)],
        "is_sure": mine.is_sure and path.is_sure,
        "likeness_of_two_people": round(other.likeness, 2) if other else None,
        "is_sure_of_two_people": bool(other and other.is_sure),
    }


@contextlib.contextmanager
def rig() -> Iterator[tuple[Studio, Stage, SoundServer]]:
    with SoundServer() as server, studio(server.env) as obs, staged() as stage:
        ask(obs, "SetInputMute", inputName="Desktop Audio", inputMuted=True)
        stage.party(2)
        url = stage.url("obs-stream", reading=True, talker=OTHER.account_id)
        inputs = {
            REFERENCE: ("pulse_output_capture", {"device_id": f"{SINK}.monitor"}),
            SOURCE: (MEDIA, {**SETTINGS, "input": url}),
        }
        for name, (kind, given) in inputs.items():
            ask(obs, "CreateInput", sceneName="Scene", inputName=name, inputKind=kind, inputSettings=given)
        time.sleep(4)
        yield obs, stage, server


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    rows = []
    with rig() as (obs, stage, server):
        for number in range(arguments.runs):
            rows.append(measure(obs, stage, server, arguments.seconds, number))
            print(rows[-1], flush=True)
    errors = [row["error_ms"] for row in rows]
    print(f"error {statistics.mean(errors):.0f} ms, {min(errors):.0f} … {max(errors):.0f} ms")
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
