"""Benchmark of Companion: what the module costs while fifteen talk and buttons show who speaks, is muted, and how loud.

    python -m benchmarks.api.companion_load [--seconds 30] [--levels full slow off]

The built module in a process as Companion runs it, three feedbacks for each of fifteen talkers, a real dashboard
worker, and levels ten times a second. CPU of the module's process in % of a core, its memory, and packets to Companion.
"""

from __future__ import annotations

import argparse
import json
from typing import Any

import psutil

from benchmarks.api.companion import build, drive
from benchmarks.api.deck_load import TALKERS, cost
from common.api import keys
from tests.workers.dashboard.stage import member, staged

FEEDBACKS = ("speaking", "muted", "level_meter")
LEVELS = ("full", "slow", "off")
"""Choices of the connection's setting."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--levels", nargs="+", choices=LEVELS, default=LEVELS)
    arguments = parser.parse_args()
    build()
    print(json.dumps({levels: measure(levels, arguments.seconds) for levels in arguments.levels}, indent=1))


def measure(levels: str, seconds: float) -> dict[str, Any]:
    """Return what the module costs with this setting."""
    with staged() as stage:
        stage.furnish()
        stage.party(TALKERS)
        _, key = keys.make(stage.paths, "Companion", "control")
        with drive(stage.origin, key, levels) as connection:
            last = member(TALKERS).account_id
            for number in range(1, TALKERS + 1):
                for feedback in FEEDBACKS:
                    talker = member(number).account_id
                    connection.call("place", f"{feedback} {number}", feedback, {"talker": talker})
            connection.call("place", "there", "in_party", {"talker": last})
            connection.hear(
                lambda said: any(
                    one["id"] == "there" and one["value"]
                    for one in said.get("updateFeedbackValues", {"values": ()})["values"]
                )
            )
            module = psutil.Process(connection.popen.pid).children()[0]
            packets = 0

            def counted() -> int:
                nonlocal packets
                packets += sum(1 for _ in connection.waiting())
                return packets

            return cost(stage, module.pid, seconds, "packets", counted)


if __name__ == "__main__":
    main()
