"""Benchmark of single talkers' processing: the callback's time, what the gate takes of first syllables, the presets.

    python -m benchmarks.sound.voices [--seconds 20] [--json FILE]

Fifteen talkers speak all the time. A thread takes blocks of 240 samples each 5 ms, as PulseAudio does. Wanted: with all
of them processed, the callback takes less than its block lasts. Run it as root, so that it has the worker's priority.
The recorded voice is of Debian's pocketsphinx-testdata.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
from dataclasses import asdict
from pathlib import Path

from common.messages import TalkerProcessing
from tests.workers.audio.mix.voices import onsets, timed
from tests.workers.audio.mix.voices.test_equaliser import MENDING, gains

CASES = {
    "off": (0, TalkerProcessing()),
    "pan, 1": (1, TalkerProcessing(pan=-0.6)),
    "pan, 15": (timed.TALKERS, TalkerProcessing(pan=-0.6)),
    "gate, equaliser": (timed.TALKERS, TalkerProcessing(gate_db=-45, eq="dull")),
    "suppression, 1": (1, TalkerProcessing(suppress=True)),
    "suppression, 4": (4, TalkerProcessing(suppress=True)),
    "all three, 15": (timed.TALKERS, TalkerProcessing(gate_db=-45, suppress=True, eq="dull")),
}
NICENESS = -11
"""The audio worker's."""
THRESHOLDS_DB = (-55.0, -45.0, -40.0, -35.0)
HERTZ = (60, 100, 220, 400, 800, 1300, 2800, 4000, 6300, 8000)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20.0, help="of each case")
    parser.add_argument("--json", type=Path, help="also write the rows there")
    arguments = parser.parse_args()
    with contextlib.suppress(PermissionError):
        os.nice(NICENESS)
    print("| processed | talkers | callback p50, ms | p99 | worst | its CPU p99, ms | worst | late | pauses | CPU, % |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
    times = {name: timed.measure(*case, arguments.seconds) for name, case in CASES.items()}
    for name, row in times.items():
        callback = (
            f"{row.p50_ms:.2f} | {row.p99_ms:.2f} | {row.worst_ms:.2f} | {row.cpu_p99_ms:.2f} | {row.cpu_worst_ms:.2f}"
        )
        print(f"| {name} | {row.processed} | {callback} | {row.missing} | {row.pauses} | {row.core_percent:.0f} |")
    print("\n| gate at, dBFS | sentences | lost of the first 100 ms, dB | worst | pauses lower by, dB |")
    print("|--:|--:|--:|--:|--:|")
    found = [onsets.measure(threshold_db) for threshold_db in THRESHOLDS_DB]
    for onset in found:
        lost = f"{onset.lost_db:.2f} | {onset.worst_db:.2f}"
        print(f"| {onset.threshold_db:g} | {onset.sentences} | {lost} | {onset.pauses_db:.1f} |")
    print("\n| preset, dB at | " + " | ".join(map(str, HERTZ)) + " |\n|---|" + "--:|" * len(HERTZ))
    for preset in MENDING:
        of_preset = gains(preset)
        print(f"| {preset} | " + " | ".join(f"{of_preset[hertz]:+.1f}" for hertz in HERTZ) + " |")
    if arguments.json:
        everything = {"callback": {name: asdict(row) for name, row in times.items()}, "gate": [*map(asdict, found)]}
        arguments.json.write_text(json.dumps(everything, indent=1) + "\n")


if __name__ == "__main__":
    main()
