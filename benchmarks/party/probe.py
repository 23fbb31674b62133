"""Test of `partyline probe`: whether a rehearsal finds every drawn way, and whether its folder holds secrets.

    python -m benchmarks.party.probe [--seeds 20] [--first 1] [--save]

Each seed has its own simulator, pipeline and folder, as `partyline probe --rehearse --seed N` makes them. The planted
secrets are all that the simulator issues (NPSSO, codes, tokens) and every account id, online id and session id in it.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from captures.scrub.verify import verify
from cli.probe.results import run_folder
from cli.probe.results.run_record import RunRecord
from common.files.paths import CHECKOUT
from simulator.demo import CAST, CPSS_ID, GUEST, SESSION_ID
from simulator.shared.issued_secrets import VARIABLE
from tests.captures.planted import forms, unfolded
from tests.support import leaks

RESULTS = Path(__file__).parent.parent / "results"
LIMIT_S = 900.0
PLANTED = (
    *(text for account_id, online_id, *_ in CAST for text in (account_id, online_id)),
    GUEST.account_id, GUEST.online_id, SESSION_ID, CPSS_ID,
)  # fmt: skip


@dataclass
class Row:
    seed: int
    drawn: dict[str, str]
    found: int
    no_difference: list[str]
    missed: list[str]
    seconds: float
    calls: int
    all_calls: int
    steps: dict[str, int]
    left: bool
    findings_of_verify: int
    secrets: int


def rehearsed(seed: int, place: Path) -> tuple[RunRecord | None, float, str]:
    """Run one rehearsal. Return its record, its duration and its output."""
    began = time.monotonic()
    words = [sys.executable, "-m", "cli", "probe", "--rehearse", "--seed", str(seed), "--out", str(place)]
    done = subprocess.run(
        words, cwd=CHECKOUT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LIMIT_S, check=False
    )
    took = time.monotonic() - began
    printed = done.stdout + done.stderr
    return (run_folder.read(place) if (place / run_folder.RECORD).exists() else None), took, printed


def secrets_in(place: Path, since: int) -> int:
    """Return how many planted secrets are in the folder, in any form."""
    text = "\n".join(part for file in place.iterdir() for part in unfolded(file.read_text("utf-8", "replace")))
    planted = sum(any(form in text for form in forms(secret) if len(form) > 5) for secret in PLANTED)
    return planted + len(leaks.search(place.parent, since))


def measure(seed: int) -> Row | str:
    """Return a seed's row, or the command's output if it left no folder."""
    base = Path(tempfile.mkdtemp(prefix="pl-"))
    place = base / "captures"  # where made-up values in a token's form are no finding
    since = leaks.mark()
    try:
        record, took, printed = rehearsed(seed, place)
        if record is None or not record.drawn:
            return printed[-2000:]
        states = [step.state for step in record.steps]
        return Row(
            seed=seed,
            drawn={one.name: one.way for one in record.drawn},
            found=sum(one.found == "found" for one in record.drawn),
            no_difference=[one.name for one in record.drawn if one.found == "no difference"],
            missed=[one.name for one in record.drawn if one.found == "missed"],
            seconds=round(took, 1),
            calls=record.beyond_ladder,
            all_calls=len(record.calls),
            steps={state: states.count(state) for state in dict.fromkeys(states)},
            left=record.left is True,
            findings_of_verify=len(verify(place)),
            secrets=secrets_in(place, since),
        )
    finally:
        shutil.rmtree(base, ignore_errors=True)


def shown(row: Row) -> str:
    same = ", ".join(row.no_difference) or "none"
    missed = ", ".join(f"{name}={row.drawn[name]}" for name in row.missed) or "none"
    steps = ", ".join(f"{count} {state}" for state, count in row.steps.items())
    left = "yes" if row.left else "NO"
    return (
        f"| {row.seed} | {row.found} of {len(row.drawn)} | {same} | {missed} | {row.seconds} | {row.calls} | "
        f"{row.all_calls} | {steps} | {left} | {row.findings_of_verify} | {row.secrets} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--save", action="store_true", help="also write the rows to benchmarks/results")
    arguments = parser.parse_args()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="pl-ledger-") as ledger:
        os.environ[VARIABLE] = str(Path(ledger) / "ledger")
        print("| seed | found | no difference | missed | s | calls | with messages | steps | left | verify | secrets |")
        print("|---|---|---|---|---|---|---|---|---|---|---|")
        for seed in range(arguments.first, arguments.first + arguments.seeds):
            row = measure(seed)
            if isinstance(row, str):
                print(f"| {seed} | it failed: {' '.join(row.split())[-400:]} |", flush=True)
                continue
            rows.append(row)
            print(shown(row), flush=True)
    whole = sum(not row.missed for row in rows)
    print(f"\n{whole} of {arguments.seeds} simulators: everything that was drawn was found out")
    print(f"calls besides messages and bridges: at most {max((row.calls for row in rows), default=0)} in 15 min")
    print(f"folders with a planted secret: {sum(row.secrets > 0 for row in rows)}")
    if arguments.save:
        file = RESULTS / f"probe-{datetime.now(UTC):%Y-%m-%d}.json"
        file.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n")


if __name__ == "__main__":
    main()
