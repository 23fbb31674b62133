"""The receive path against the browser's and plain aiortc's, on the same packets over the same bad networks.

    python -m benchmarks.receive --offline [--traces clean,wifi] [--seed N] [--seconds 70] [--json FILE]

`--offline`: ours alone, without sockets and in made-up time, against the ceiling (an offline decode of the same losses
with endless patience). Deterministic, and fast.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from benchmarks.receive import offline, report, traces


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--offline", action="store_true", help="ours and the ceiling, in made-up time")
    parser.add_argument("--traces", "--trace", default="", help=f"by comma; all of them: {', '.join(traces.NAMES)}")
    parser.add_argument("--seed", type=int, default=1, help="of the traces' losses and delays")
    parser.add_argument("--seconds", type=float, default=70.0, help="of speech")
    parser.add_argument("--json", type=Path, help="also write the rows there")
    arguments = parser.parse_args()
    names = [name for name in arguments.traces.split(",") if name] or list(traces.NAMES)
    for name in names:
        if name not in traces.NAMES:
            parser.error(f"no such trace: {name}; there are {', '.join(traces.NAMES)}")
    rows = offline.run(names, arguments.seed, arguments.seconds)
    print(report.table(rows))
    if arguments.json:
        arguments.json.write_text(json.dumps([row.fields() for row in rows], indent=1) + "\n")


if __name__ == "__main__":
    main()
