"""Benchmark of the time from `partyline join` to all voices of a full party: fifteen consoles that all speak at once.

    python -m benchmarks.party.join [--runs 5] [--json FILE]

Real supervisord, command line and workers run against their own simulator. A voice counts as heard when its first
sounding frame is on the audio plane. The figures are of this machine at this hour.
"""

from __future__ import annotations

import argparse
import json
import statistics
from pathlib import Path

from tests.e2e.sixteen import Joined, full_party


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5, help="pipelines that join, one after the other")
    parser.add_argument("--json", type=Path, help="also write the figures there")
    arguments = parser.parse_args()
    runs = []
    for number in range(arguments.runs):
        with full_party() as party:  # one per run, as the call rate allows three joins in a row and then delays
            runs.append(party.join())
        print(_line(number + 1, runs[-1]), flush=True)
    all_heard = sorted(max(run.heard_s.values()) for run in runs)
    print(f"\nall fifteen heard after {statistics.median(all_heard):.2f} s (median), {all_heard[-1]:.2f} s (worst)")
    if arguments.json:
        figures = [{"command_s": run.command_s, "heard_s": run.heard_s} for run in runs]
        arguments.json.write_text(json.dumps(figures, indent=1) + "\n")


def _line(number: int, joined: Joined) -> str:
    heard = sorted(joined.heard_s.values())
    return (
        f"run {number}: the command ended after {joined.command_s:.2f} s; heard: first {heard[0]:.2f} s, "
        f"median {statistics.median(heard):.2f} s, all {heard[-1]:.2f} s"
    )


if __name__ == "__main__":
    main()
