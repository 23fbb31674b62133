"""Mutation of the deciding modules: how many small faults their own unit tests find.

    python -m benchmarks.mutation [--module M …] [--sample 60 --seed 1] [--json FILE] [--again FILE]

Each mutant is tried in a copy of the tree, at nice 15. The table has a row for each module. Below it stand the
survivors that `explained.toml` does not explain, with their line. `--again` tries only the survivors of an earlier
`--json` file.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import msgspec

from benchmarks.mutation.deciding import DECIDING, file_of, unit_tests_of
from benchmarks.mutation.explained import explained
from benchmarks.mutation.mutants import Mutant, mutants, sample
from benchmarks.mutation.report import Row, Survivor, table, told
from benchmarks.mutation.run import Runner, TestsFailedError, runner
from common.files.paths import CHECKOUT

Key = tuple[str, str, str]


def judged(module: str, tried: list[Mutant], number: int, run: Runner, known: set[Key]) -> Row:
    """Try mutants of one module. `number`: how many the module has in all."""
    began = time.monotonic()
    tests = unit_tests_of(module)
    if not tests:
        raise TestsFailedError("no test file is named after it, and none is named for it")
    with run.module(module, tests) as trial:
        for mutant in tried:
            trial.test(mutant)
    found = trial.outcomes
    survivors = [
        Survivor(module, one.row, one.operator, one.before, one.after, one.key in known) for one in found["survived"]
    ]
    return Row(
        module=module,
        all=number,
        tried=len(tried),
        killed=len(found["killed"]),
        timed_out=len(found["timed out"]),
        survivors=survivors,
        took_s=round(time.monotonic() - began, 1),
    )


def chosen(module: str, arguments: argparse.Namespace, again: set[Key] | None) -> tuple[list[Mutant], int]:
    """Return the mutants to try, and how many the module has."""
    made = mutants(module, (CHECKOUT / file_of(module)).read_text())
    wanted = made if again is None else [mutant for mutant in made if mutant.key in again]
    return sample(wanted, arguments.sample, arguments.seed), len(made)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--module", nargs="+", default=[], help="dotted names, or folders of them (default: all)")
    parser.add_argument("--sample", type=int, default=60, help="at most so many mutants of each module; 0: all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, help="also write the figures and survivors there")
    parser.add_argument("--again", type=Path, help="a file of --json: try only the survivors that it names")
    arguments = parser.parse_args()
    known = {one.key for one in explained()}
    again: set[Key] | None = None
    modules = [one for one in DECIDING if not arguments.module or _named(one, arguments.module)]
    if arguments.again:
        rows_before = msgspec.json.decode(arguments.again.read_bytes(), type=list[Row])
        before = [one for row in rows_before for one in row.survivors]
        again = {(one.module, one.line, one.mutant) for one in before}
        modules = [module for module in modules if module in {one.module for one in before}]
    modules += [one for one in arguments.module if one not in DECIDING and (CHECKOUT / file_of(one)).exists()]
    rows: list[Row] = []
    with runner() as run:
        for module in modules:
            tried, number = chosen(module, arguments, again)
            try:
                rows.append(judged(module, tried, number, run, known))
            except TestsFailedError as error:
                print(f"{module}: its tests do not pass without a mutation: {error}", file=sys.stderr)
                continue
            row = rows[-1]
            print(f"{module}: {row.tried} tried, {len(row.survivors)} survived, {row.took_s} s", file=sys.stderr)
            for survivor in row.survivors:
                if not survivor.explained:
                    print(told(survivor), file=sys.stderr, flush=True)
            if arguments.json:
                arguments.json.write_bytes(msgspec.json.format(msgspec.json.encode(rows), indent=1) + b"\n")
    print(table(rows))
    left = [one for row in rows for one in row.survivors if not one.explained]
    for survivor in left:
        print(told(survivor))
    return 1 if left or len(rows) < len(modules) else 0


def _named(module: str, names: list[str]) -> bool:
    return any(module == name or module.startswith(name + ".") for name in names)


if __name__ == "__main__":
    sys.exit(main())
