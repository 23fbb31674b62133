"""The verdict on networks that nothing was tuned on: plays what is missing of the held-out seeds, and reports.

    python -m benchmarks.receive.networks.verdict [--networks 200] [--loss-seeds 3] [--save]

Only this command reads the held-out seeds. It tells kinds and distributions, and no parameters of single networks, so
that nobody tunes to them. All rows are kept in var/networks, and an interrupted run goes on where it was. Chromium
plays in real time: `--batches 2` ends after two batches (two minutes), for a machine that is shared. `--only-play`
does what needs an idle machine, `--systems` simulates only some: neither depends on the receive path, so both can be
done before a change of it is ready.
"""

from __future__ import annotations

import argparse

from benchmarks.receive.networks.case import SECONDS, cases
from benchmarks.receive.networks.play import batches, waiting
from benchmarks.receive.networks.rows.store import current, store
from benchmarks.receive.networks.verdict import page
from benchmarks.receive.networks.verdict.held_out import held_out
from benchmarks.receive.networks.work import SIMULATED, simulate


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--networks", type=int, default=200)
    parser.add_argument("--loss-seeds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--batch", type=int, default=20, help="connections of Chromium at a time")
    parser.add_argument("--batches", type=int, default=0, help="end playing after so many")
    parser.add_argument("--lock", default="", help="a file whose lock is held while a batch plays")
    parser.add_argument("--only-play", action="store_true", help="nothing but Chromium in real time")
    parser.add_argument("--systems", default=",".join(SIMULATED), help="what is simulated")
    parser.add_argument("--only-report", action="store_true", help="of what is there already")
    parser.add_argument("--save", action="store_true", help="write benchmarks/results/networks-held-out-<date>")
    arguments = parser.parse_args()
    wanted = cases([held_out(index) for index in range(arguments.networks)], arguments.loss_seeds, arguments.seconds)
    kept = store("held-out", arguments.seconds)
    if not arguments.only_report:
        plan = batches.PlayPlan(arguments.batch, arguments.batches, arguments.lock)
        batches.play(wanted, ["chromium"], kept, plan)
        if arguments.only_play:
            return
        waiting.mark_all(kept, arguments.jobs)
        simulate(wanted, arguments.systems.split(","), kept, arguments.jobs)
    print(page.report(current(kept.rows()), "held-out", save=arguments.save))


if __name__ == "__main__":
    main()
