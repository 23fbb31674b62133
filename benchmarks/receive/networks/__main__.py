"""Benchmark of the receive path on networks drawn from ranges, by the seeds for tuning.

    python -m benchmarks.receive.networks run [--networks 19] [--loss-seeds 1] [--systems ours,aiortc,ceiling]
    python -m benchmarks.receive.networks play [--networks 19] [--systems chromium]      (real sockets and clocks)
    python -m benchmarks.receive.networks mark                                           (judges what was played)
    python -m benchmarks.receive.networks report [--save]
    python -m benchmarks.receive.networks show [--networks 19]                           (what was drawn)

`run --systems "ours max_delay_ms=400"` runs our path with other arguments, and `report --ours "…"` reports them.
`run` is for daily use: 19 networks, one of each kind, take some minutes. All rows are kept in var/networks, and what
is there already is not made again. `play` wants the machine for itself. Its batches are one talk long, and a batch that
was sent late is thrown away.

The verdict is another command, `python -m benchmarks.receive.networks.verdict`, on seeds that nothing else reads.
"""

from __future__ import annotations

import argparse
from dataclasses import replace

from benchmarks.receive.networks.case import SECONDS, NetworkCase, cases
from benchmarks.receive.networks.draw.kinds import KINDS
from benchmarks.receive.networks.rows.row import Row
from benchmarks.receive.networks.rows.store import current, store
from benchmarks.receive.networks.seeds import tuning
from benchmarks.receive.networks.work import SIMULATED, simulate

OTHERS = ("chromium", "aiortc", "ceiling")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=("run", "play", "mark", "report", "show"))
    parser.add_argument("--networks", type=int, default=len(KINDS), help="the first N; each kind comes in turn")
    parser.add_argument("--first", type=int, default=0, help="begin with this network")
    parser.add_argument("--loss-seeds", type=int, default=1, help="runs of each network, with other losses and texts")
    parser.add_argument(
        "--systems", default="", help=f"by comma; run: {','.join(SIMULATED)}; play: chromium,ours,aiortc"
    )
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of each talk")
    parser.add_argument("--jobs", type=int, default=2, help="processes of run and mark")
    parser.add_argument("--batch", type=int, default=16, help="connections at a time of play")
    parser.add_argument("--batches", type=int, default=0, help="end play after so many")
    parser.add_argument("--ours", default="ours", help="report: which system is ours, see run")
    parser.add_argument("--lock", default="", help="a file whose lock is held while a batch of play plays")
    parser.add_argument("--save", action="store_true", help="report: write benchmarks/results/networks-<date>")
    arguments = parser.parse_args()
    seeds = [tuning(index) for index in range(arguments.first, arguments.first + arguments.networks)]
    wanted = cases(seeds, arguments.loss_seeds, arguments.seconds)
    kept = store("tuning", arguments.seconds)
    systems = [name for name in arguments.systems.split(",") if name]
    if arguments.command == "show":
        _show(wanted)
    elif arguments.command == "run":
        simulate(wanted, systems or SIMULATED, kept, arguments.jobs)
    else:
        _more(arguments, wanted, systems)


def _more(arguments: argparse.Namespace, wanted: list[NetworkCase], systems: list[str]) -> None:
    from benchmarks.receive.networks.play import batches, waiting  # noqa: PLC0415  # needs a browser
    from benchmarks.receive.networks.verdict import page  # noqa: PLC0415  # needs plots

    kept = store("tuning", arguments.seconds)
    if arguments.command == "play":
        plan = batches.PlayPlan(arguments.batch, arguments.batches, arguments.lock)
        batches.play(wanted, systems or ["chromium"], kept, plan)
    elif arguments.command == "mark":
        waiting.mark_all(kept, arguments.jobs)
    else:
        print(page.report(chosen(current(kept.rows()), arguments.ours), "tuning", save=arguments.save))


def chosen(rows: list[Row], ours: str) -> list[Row]:
    """Return the rows with those of `ours` (such as ``ours max_delay_ms=400``) in the place of ours."""
    return [replace(row, system="ours") if row.system == ours else row for row in rows if row.system in {ours, *OTHERS}]


def _show(wanted: list[NetworkCase]) -> None:
    for case in wanted:
        print(f"{case.name}  {case.network.description}\n{'':18}{case.talker.description}")


if __name__ == "__main__":
    main()
