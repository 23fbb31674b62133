"""`partyline report`."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from cli.machine.doctor.doctor import surroundings
from cli.machine.doctor.surroundings import Surroundings
from cli.machine.report.bundle import ABOUT, pack
from cli.machine.report.contents import DOCTOR, ReportPart, machine_names, parts, people, remember_secrets
from cli.machine.report.scrub import ReportScrubber
from cli.machine.report.vocabulary import own_words, words_of, words_of_tracebacks
from cli.shared.command import Command
from cli.shared.failures import OK, CommandError
from cli.shared.terminal import Style, Table, echo, megabytes
from common.files.paths import write_atomically
from common.log import logs

WHERE = (
    "Look through it, then attach it to an issue (form “Something does not work”) with what you did and what happened."
)


def report(args: argparse.Namespace) -> int:
    logs.setup("cli", "error")
    around = surroundings(offline=args.offline)
    place = _place(args.out)
    echo("Looking at this machine …", sys.stderr)
    archive, packed = made(around)
    write(place, archive)
    rows = [(one.name, f"{one.size / 1000:.1f} kB", one.what) for one in packed]
    echo(
        "\n".join(
            Table(["FILE", "SIZE", "WHAT"], [*rows, (ABOUT, "", "what is in it")], " r").lines(Style.of(sys.stdout))
        )
    )
    echo(f"\nThe report is in {place} ({megabytes(len(archive))}).")
    echo("Secrets, names, ids and addresses were taken out. Members are called member-1 and so on.")
    echo(WHERE)
    return OK


def made(around: Surroundings) -> tuple[bytes, list[Any]]:
    """Return the archive, and what is in it."""
    remember_secrets(around)
    found = list(parts(around))
    scrubber = scrubber_for(around, found)
    return pack(found, scrubber)


def scrubber_for(around: Surroundings, found: Sequence[ReportPart]) -> ReportScrubber:
    """Return a scrubber that knows everybody who is named in the parts or in the home."""
    words = set(own_words()) | words_of_tracebacks(part.text for part in found)
    for part in found:
        if part.harmless:
            words |= words_of(" ".join(part.data.get("packages", ())))
        if part.name == DOCTOR:
            words |= words_of(" ".join(_versions_in(part.data)))
    places = {str(around.paths.home): "$PARTYLINE_HOME", str(around.user): "~"}
    scrubber = ReportScrubber(words, {place: stands for place, stands in places.items() if len(place) > 1})
    for name, stands in machine_names(around).items():
        scrubber.learn_name(name, stands)
    for known in (*people(around), *(part.data for part in found if not part.harmless), *_records(found)):
        scrubber.learn(known)
    return scrubber


def _versions_in(doctor: Any) -> Iterator[str]:
    """Yield what the findings say of versions and of libraries' file names, which is nobody's."""
    for one in doctor.get("findings", ()):
        evidence = one["evidence"]
        yield from (str(evidence[key]) for key in ("version", "backend") if key in evidence)
        yield Path(str(evidence.get("library", ""))).name


def _records(found: Sequence[ReportPart]) -> Iterator[Any]:
    for part in found:
        for line in part.text.splitlines():
            if line.startswith("{"):
                try:
                    yield json.loads(line)
                except (ValueError, RecursionError):
                    continue


def _place(given: str) -> Path:
    name = f"partyline-report-{time.strftime('%Y-%m-%d-%H%M%S')}.zip"
    if given:
        place = Path(given).expanduser().absolute()
        return place / name if place.is_dir() else place
    here = Path.cwd()
    return (here if os.access(here, os.W_OK) else Path.home()) / name


def write(place: Path, archive: bytes) -> None:
    """Write the archive so that only its owner can read it. Raises `CommandError`, and then leaves nothing."""
    try:
        write_atomically(place, archive)
    except OSError as error:
        raise CommandError(
            f"The report cannot be written to {place}: {(error.strerror or str(error)).rstrip('.')}.",
            "Free some space, or name another place: `partyline report --out FILE`.",
        ) from error


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", metavar="FILE", default="", help="zip file to write (default: one in this folder)")
    parser.add_argument("--offline", action="store_true", help="contact nobody (see `partyline doctor --help`)")


COMMANDS = {
    "report": Command(
        description="Bundle what a bug report needs into a zip file: what `partyline doctor` finds, the state,\n"
        "versions, settings without passwords, the latest calls to PlayStation, and the ends of the logs.\n\n"
        "Secrets, names, ids and addresses are taken out: members are called member-1 and so on, and every word\n"
        "that is not part of partyline's own source code is replaced. Look through it before you send it.\n"
        "Works without a running pipeline, and with a home that cannot be used.",
        example="partyline report",
        run=report,
        arguments=_arguments,
    )
}
