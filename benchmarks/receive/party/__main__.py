"""Benchmark of `[media] latency` for a picture beside the party: how much each talker's delay moves.

    python -m benchmarks.receive.party [--parties 6] [--seconds 240] [--json FILE | --save]

Four talkers on networks of the tuning seeds take turns, in simulated time. Each loud 200 ms are found again in what is
heard. A delay is counted from the fastest packet of its network on, and the first 90 s are left out. A change counts if
it exceeds 10 ms: in a sentence, or from one sentence to the next.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

import numpy as np
import soxr
from numpy.typing import NDArray

from benchmarks.receive.judge.score import OUT_RATE, Heard
from benchmarks.receive.networks.judge.found import Floats, Found, find
from benchmarks.receive.networks.seeds import tuning
from benchmarks.receive.networks.speak.voices import RATE
from benchmarks.receive.party.conversation import PartyVoice, party
from benchmarks.receive.party.play import PartyHeard, play
from benchmarks.receive.play.offline import BEGAN_NS, MS
from common.basic.values import Latency

TALKERS = 4
START_S = 90.0
"""Left out, since every mode has to find its delay first, and a common one needs pauses for that."""
MOVED_MS = 10.0
PAUSE_S = 0.45
"""Windows that are further apart than this are of two sentences."""
LEAST_WINDOWS = 20
NICE = 10


@dataclass(frozen=True)
class Row:
    """One talker of one party, in one mode. Delays are in milliseconds, beyond the network's fastest packet."""

    party: int
    kind: str
    latency: str
    speech_s: float
    mean: float
    median: float
    spread: float
    """p95 - p5."""
    moved_in_speech: int
    moved_in_pauses: int
    concealed: float
    """Share of the sounding frames, as the receive path reports it."""
    damaged: float
    """Share of the speech that is not found again."""


@dataclass(frozen=True)
class PartyRow:
    """One party in one mode."""

    party: int
    latency: str
    between: float
    """Largest median of its talkers' delays minus the smallest, in milliseconds."""
    changes: int
    """Of the common delay."""
    alone: int
    common_ms: int
    """At the end."""


def rows(number: int, seconds: float, latencies: Sequence[Latency]) -> tuple[list[Row], list[PartyRow]]:
    voices = party(tuple(tuning(number * TALKERS + place) for place in range(TALKERS)), seconds)
    singles, parties = [], []
    for latency in latencies:
        heard = play(voices, latency, seconds)
        found = [_row(number, latency, *pair) for pair in zip(voices, heard.voices, strict=True)]
        known = [row for row in found if row is not None]
        singles += known
        parties.append(_party_row(number, latency, heard, known))
    return singles, parties


def _party_row(number: int, latency: str, heard: PartyHeard, found: Sequence[Row]) -> PartyRow:
    medians, last = [row.median for row in found], heard.told[-1]
    between = max(medians) - min(medians) if medians else float("nan")
    return PartyRow(number, latency, between, last.changes, last.exceeded, last.common_ms)


def _row(number: int, latency: str, voice: PartyVoice, heard: Heard) -> Row | None:
    """Return the figures of a talker, or None for one who hardly spoke."""
    began_ns = BEGAN_NS + int(voice.begins_ms * MS)
    clean, sound = _at_16k(voice.reference), _at_16k(heard.samples)
    found = find(clean, voice.loud, sound, heard.stamps_ns, began_ns, voice.drawn.drift_ppm)
    spurts = [some for some in _spurts(found, voice.fastest_ms) if len(some)]
    if sum(map(len, spurts)) < LEAST_WINDOWS:
        return None
    delays = np.concatenate(spurts)
    p5, p95 = np.percentile(delays, [5, 95])
    medians = [float(np.median(some)) for some in spurts]
    return Row(
        party=number,
        kind=voice.network.kind,
        latency=latency,
        speech_s=round(0.1 * len(delays), 1),
        mean=float(delays.mean()),
        median=float(np.median(delays)),
        spread=float(p95 - p5),
        moved_in_speech=sum(_moves(some) for some in spurts),
        moved_in_pauses=sum(abs(after - before) > MOVED_MS for before, after in pairwise(medians)),
        concealed=heard.concealed,
        damaged=found.damaged,
    )


def _spurts(found: Found, fastest_ms: float) -> Iterator[NDArray[np.float64]]:
    """Yield the delays of each sentence after the first seconds."""
    known = ~np.isnan(found.delays_ms) & (found.at_s >= START_S)
    at_s, delays = found.at_s[known], found.delays_ms[known] - fastest_ms
    borders = np.flatnonzero(np.diff(at_s) > PAUSE_S) + 1
    yield from np.split(delays, borders)


def _moves(delays: NDArray[np.float64]) -> int:
    """Return how often the delay has moved away by more than `MOVED_MS` from where it was when it moved last.

    One window alone that was found elsewhere (in concealed sound, by a period of the voice) is no move.
    """
    padded = np.concatenate((delays[:1], delays, delays[-1:]))
    calm = np.median(np.lib.stride_tricks.sliding_window_view(padded, 3), axis=1)
    level, moves = float(calm[0]), 0
    for delay in calm[1:]:
        if abs(delay - level) > MOVED_MS:
            level, moves = float(delay), moves + 1
    return moves


def _at_16k(samples: NDArray[np.int16]) -> Floats:
    return np.asarray(soxr.resample(samples.astype(np.float32), OUT_RATE, RATE), np.float32)


def summary(singles: Sequence[Row], parties: Sequence[PartyRow], latency: str) -> dict[str, Any]:
    """Return the means over talkers and parties."""
    some = [row for row in singles if row.latency == latency]
    whole = [row for row in parties if row.latency == latency]
    minutes = sum(row.speech_s for row in some) / 60
    return {
        "latency": latency,
        "moved in speech, per minute of it": round(sum(row.moved_in_speech for row in some) / minutes, 2),
        "moved between sentences, per minute of speech": round(sum(row.moved_in_pauses for row in some) / minutes, 2),
        "spread of a talker (p95 - p5), mean, ms": round(float(np.mean([row.spread for row in some])), 1),
        "spread of a talker, median, ms": round(float(np.median([row.spread for row in some])), 1),
        "between talkers, mean, ms": round(float(np.nanmean([row.between for row in whole])), 1),
        "delay, mean, ms": round(float(np.mean([row.mean for row in some])), 1),
        "concealed, %": round(100 * float(np.mean([row.concealed for row in some])), 2),
        "damaged, %": round(100 * float(np.mean([row.damaged for row in some])), 2),
        "changes told, from the first second on, a party": round(sum(row.changes for row in whole) / len(whole), 1),
        "waited alone, a party": round(sum(row.alone for row in whole) / len(whole), 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parties", type=int, default=6)
    parser.add_argument("--first", type=int, default=0, help="number of the first party (default 0)")
    parser.add_argument("--seconds", type=float, default=240.0)
    parser.add_argument("--latencies", default="balanced,steady", help=f"of {', '.join(get_args(Latency))}")
    parser.add_argument("--json", type=Path, help="write all rows there")
    parser.add_argument("--save", action="store_true", help="write benchmarks/results/party-<date>.json")
    arguments = parser.parse_args()
    os.nice(NICE)
    latencies: Any = arguments.latencies.split(",")
    singles: list[Row] = []
    parties: list[PartyRow] = []
    for number in range(arguments.first, arguments.first + arguments.parties):
        found = rows(number, arguments.seconds, latencies)
        singles += found[0]
        parties += found[1]
        for row in found[0]:
            print(
                f"{row.party:>3} {row.latency:<9} {row.kind:<16} {row.mean:>5.0f} ms ± {row.spread:>4.0f}, "
                f"moved {row.moved_in_speech:>3} + {row.moved_in_pauses:>3}, {100 * row.concealed:>5.2f} % concealed",
                flush=True,
            )
    summaries = [summary(singles, parties, latency) for latency in latencies]
    for one in summaries:
        print(json.dumps(one, indent=1))
    everything = {
        "summaries": summaries,
        "rows": [asdict(row) for row in singles],
        "parties": [asdict(row) for row in parties],
    }
    target = arguments.json
    if arguments.save:
        from benchmarks.receive.results import FOLDER  # noqa: PLC0415  # its plots need `make setup-bench`

        target = FOLDER / f"party-{dt.datetime.now(dt.UTC).date().isoformat()}.json"
    if target:
        target.write_text(json.dumps(everything, indent=1) + "\n")


if __name__ == "__main__":
    main()
