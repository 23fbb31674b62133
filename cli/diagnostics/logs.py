"""`partyline logs`."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from cli.diagnostics.log_lines import LEVELS, LogLine, read
from cli.shared import supervisor as supervisors
from cli.shared.command import Command, conf_option
from cli.shared.failures import OK, CommandError, UsageError
from cli.shared.terminal import Style, echo, listed
from common.files.paths import Paths

DEFAULT = 50
EVERY_S = 0.3
TAIL_BYTES = 1 << 20
"""How much of the end of a log is read. supervisord turns one over at 5 MB."""


class Tail:
    """The new lines of a growing file, also after supervisord has turned it over."""

    def __init__(self, file: Path) -> None:
        """Begin with the last lines of `file`. Raises `OSError`."""
        self.name = file.stem
        self._file = file
        self._handle = file.open("rb")
        size = self._handle.seek(0, os.SEEK_END)
        self._handle.seek(max(0, size - TAIL_BYTES))
        if size > TAIL_BYTES:
            self._handle.readline()  # the first one is cut
        self._rest = b""
        self._last = 0.0

    def lines(self, *, all_of_it: bool = False) -> list[LogLine]:
        """Return the new lines. A last one that is not complete yet comes later, unless `all_of_it` is wanted."""
        data = self._rest + self._handle.read()
        if self._is_turned_over():
            data += self._reopened()
        whole, end, self._rest = data.rpartition(b"\n")
        if all_of_it and self._rest:
            whole, end, self._rest = data, b"\n", b""
        found = list(read(self.name, (whole + end).decode("utf-8", "replace").splitlines(), self._last))
        self._last = found[-1].at if found else self._last
        return found

    def _is_turned_over(self) -> bool:
        try:
            there = self._file.stat()
        except OSError:
            return False
        opened = os.fstat(self._handle.fileno())
        return there.st_ino != opened.st_ino or there.st_size < self._handle.tell()

    def _reopened(self) -> bytes:
        try:
            fresh = self._file.open("rb")
        except OSError:
            return b""
        self._handle.close()
        self._handle = fresh
        return fresh.read()

    def close(self) -> None:
        self._handle.close()


def logs(args: argparse.Namespace) -> int:
    paths = Paths.of_environment()
    folder = supervisors.log_folder(paths, supervisors.conf_file(paths, args.conf))
    tails = _tails(folder, args.worker)
    least = LEVELS.index(args.level)
    try:
        first = _sorted(tails, least, all_of_it=not args.follow)
        _show(first[-args.last :], args)
        while args.follow:
            time.sleep(EVERY_S)
            _show(_sorted(tails, least), args)
            tails += _new(folder, args.worker, tails)
    finally:
        for tail in tails:
            tail.close()
    return OK


def _files(folder: Path) -> dict[str, Path]:
    return {file.stem: file for file in sorted(folder.glob("*.log"))}


def _tails(folder: Path, workers: list[str]) -> list[Tail]:
    files = _files(folder)
    if not files:
        raise CommandError(f"There are no logs in {folder} yet.", "Start the pipeline with `partyline up`.")
    if unknown := [name for name in workers if name not in files]:
        raise UsageError(f"There is no log of {listed(unknown)} in {folder}.", f"There are: {listed(list(files))}.")
    return list(_opened(files[name] for name in workers or files))


def _new(folder: Path, workers: list[str], tails: list[Tail]) -> list[Tail]:
    """Return the logs that were not there before."""
    known = {tail.name for tail in tails}
    return list(_opened(file for name, file in _files(folder).items() if name not in known and not workers))


def _opened(files: Iterable[Path]) -> Iterator[Tail]:
    for file in files:
        try:
            yield Tail(file)
        except OSError as error:
            echo(f"{file} cannot be read: {error.strerror or error}.", sys.stderr)


def _sorted(tails: list[Tail], least: int, *, all_of_it: bool = False) -> list[LogLine]:
    """Return the new lines of all logs in the order of their times."""
    found = [line for tail in tails for line in tail.lines(all_of_it=all_of_it)]
    return sorted((line for line in found if LEVELS.index(line.level) >= least), key=lambda line: line.at)


def _show(lines: list[LogLine], args: argparse.Namespace) -> None:
    style = Style.of(sys.stdout)
    for line in lines:
        if args.json:
            sys.stdout.write(f"{line.raw}\n")
            continue
        for text in line.shown(style):
            echo(text)
    sys.stdout.flush()


def _number(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 1_000_000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of lines")
    return int(text)


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("worker", metavar="WORKER", nargs="*", help="worker, or `supervisord` (default: all)")
    parser.add_argument("-f", "--follow", action="store_true", help="go on with new lines until Ctrl-C")
    parser.add_argument("--last", type=_number, default=DEFAULT, metavar="N", help=f"lines to show (default {DEFAULT})")
    parser.add_argument(
        "--level", choices=LEVELS, default="debug", metavar="LEVEL", help=f"least level: {listed(LEVELS)}"
    )
    parser.add_argument("--json", action="store_true", help="print the lines as they are in the files, mostly JSON")
    conf_option(parser)


COMMANDS = {
    "logs": Command(
        description="Show the latest lines of the workers' logs, in words and in the order of their times.\n"
        "They hold no secret. The files are in the folder that `partyline config path` names. The command also\n"
        "works without a running pipeline.",
        example="partyline logs media session -f",
        run=logs,
        arguments=_arguments,
    )
}
