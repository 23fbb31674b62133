"""Benchmark of the receive path against Chromium and plain aiortc, on the same packets over the same bad networks.

    python -m benchmarks.receive [--rounds 3] [--traces clean,wifi] [--systems ours,chromium] [--json FILE] [--save]
    python -m benchmarks.receive --offline [--traces clean,wifi] [--seed N]

Speech is encoded once with the consoles' encoder, and sent through real ICE and DTLS-SRTP connections to each system at
the same time. A seeded trace selects the lost packets and the delay of the others. The output is compared with the
source. The ceiling is an offline decode of the same losses with unlimited delay.

Everything runs on this machine. Leave it idle meanwhile, and check how late sending and ticks were.

--offline runs only our receive path, without sockets, in simulated time. Deterministic, and fast.

Needs `make setup-bench`. Times are in ms, CPU in percent of a core for one stream.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from benchmarks.receive.judge import report
from benchmarks.receive.network import traces
from benchmarks.receive.play import offline
from benchmarks.receive.rows import Row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--offline", action="store_true", help="ours and the ceiling, in made-up time")
    parser.add_argument("--traces", "--trace", default="", help=f"by comma; all of them: {', '.join(traces.NAMES)}")
    parser.add_argument("--systems", default="ours,aiortc,chromium", help="by comma")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--batch", type=int, default=5, help="traces at a time")
    parser.add_argument("--seed", type=int, default=1, help="of the traces' losses and delays")
    parser.add_argument("--seconds", type=float, default=70.0, help="of speech, at least 10")
    parser.add_argument("--json", type=Path, help="write every row there")
    parser.add_argument("--save", action="store_true", help="write benchmarks/results/receive-<date>.md, .png, .json")
    arguments = parser.parse_args()
    names = [name for name in arguments.traces.split(",") if name] or list(traces.NAMES)
    for name in names:
        if name not in traces.NAMES:
            parser.error(f"no such trace: {name}; there are {', '.join(traces.NAMES)}")
    if arguments.seconds < 10:
        parser.error("less than 10 s of speech tell nothing")
    if arguments.offline:
        rows = offline.run(names, arguments.seed, arguments.seconds)
        print(report.table(rows))
    else:
        rows = _live(names, arguments)
    if arguments.json:
        arguments.json.write_text(json.dumps([row.fields() for row in rows], indent=1) + "\n")


def _live(names: list[str], arguments: argparse.Namespace) -> list[Row]:
    from benchmarks.receive import results  # noqa: PLC0415  # --offline needs no browser and no plots
    from benchmarks.receive.play import live  # noqa: PLC0415  # --offline needs no browser and no plots

    systems = [name for name in arguments.systems.split(",") if name]
    unknown = set(systems) - set(live.SYSTEMS)
    if unknown:
        raise SystemExit(f"no such system: {', '.join(unknown)}; there are {', '.join(live.SYSTEMS)}")
    plan = live.Plan(names, systems, arguments.rounds, arguments.seconds, arguments.seed, arguments.batch)
    measured = live.measure(plan)
    ceilings = offline.ceilings(names, arguments.seed, arguments.seconds)
    middle = report.medians(measured.rows)
    judged = report.verdicts(middle, ceilings)
    told = results.circumstances(plan, measured.conditions)
    print("\n".join(f"{what}: {value}" for what, value in told.items()), "\n")
    print(report.table(sorted(middle, key=lambda row: names.index(row.trace))), "\n")
    for one in judged:
        print(f"{one.trace:<24}ceiling {ceilings[one.trace]:.2f}   {one.words}")
    if arguments.save:
        print("written:", ", ".join(path.name for path in results.write(measured.rows, ceilings, judged, told)))
    return measured.rows


if __name__ == "__main__":
    main()
