"""The table of checks and faults in notes/doctor.md: `python -m tests.cli.machine.doctor.table` makes it anew.

It makes every fault, which wants root on Linux, and takes a minute.
"""

from __future__ import annotations

import os
import re
import sys

from cli.machine.doctor.catalogue import CHECKS
from common.files.paths import CHECKOUT
from common.psn.http import environment
from tests.cli.machine.doctor.faults import ALL
from tests.cli.machine.doctor.faults.fault import Fault
from tests.cli.machine.doctor.stage import stage

NOTE = CHECKOUT / "notes" / "doctor.md"
HEAD = "| check | fault that was made | what it said |\n|---|---|---|\n"


def said(fault: Fault) -> str:
    environment._context.cache_clear()
    with stage() as here:
        found = fault.make(here)
        sentence = found.sentence.replace(str(here.folder), "/tmp/x")
    return f"**{found.severity}**: {re.sub(r'[(][0-9]+[)]', '(1234)', sentence)}"


def rows() -> list[str]:
    order = [check.id for check in CHECKS]
    faults = sorted(ALL, key=lambda fault: order.index(fault.check))
    return [f"| {fault.check} | {fault.words} | {said(fault).replace('|', '/')} |" for fault in faults]


def main() -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        os.environ.pop(name, None)
        os.environ.pop(name.upper(), None)
    before, _, after = NOTE.read_text().partition(HEAD)
    _, _, rest = after.partition("\n\n")
    NOTE.write_text(before + HEAD + "\n".join(rows()) + "\n\n" + rest)
    sys.stdout.write(f"{len(ALL)} faults of {len(CHECKS)} checks\n")


if __name__ == "__main__":
    main()
