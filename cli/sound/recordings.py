"""`partyline recordings`."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from typing import get_args

from cli.shared.command import Command, Parts, json_option, part
from cli.shared.failures import OK, CommandError
from cli.shared.terminal import Style, Table, counted, echo, echo_json, megabytes, printable, span
from common.basic.values import ExportKind
from common.config import settings
from common.files.paths import Paths
from common.messages import RecordingEntry
from common.system import file_manager
from workers.recorder.library.recording_library import RecordingLibrary, recordings_root

LAST = "last"
"""The newest recording's name on the command line."""


def recordings(args: argparse.Namespace) -> int:
    try:
        status: int = args.do(args)
    except OSError as error:
        raise CommandError(
            f"The recordings cannot be changed: {error.strerror or error}.",
            "Check their folder, its permissions and the space on its disk.",
        ) from error
    return status


def _library() -> RecordingLibrary:
    paths = Paths.of_environment()
    return RecordingLibrary(recordings_root(paths, settings.load(paths)))


def _named(library: RecordingLibrary, name: str) -> str:
    """Return a recording's name. Raises `PartylineError` if there is none."""
    if name == LAST and (entries := library.scan().recordings):
        return entries[0].recording
    return library.find(name).name


def list_all(args: argparse.Namespace) -> int:
    library = _library()
    found = library.scan()
    if args.json:
        echo_json(found)
        return OK
    if not found.recordings:
        echo(f"There are no recordings in {printable(found.folder)}.")
        return OK
    titles = ["RECORDING", "WHEN", "LENGTH", "SIZE", "TALKERS", ""]
    rows = [_row(entry) for entry in found.recordings]
    for line in Table(titles, rows, "llrrrl").lines(Style.of(sys.stdout)):
        echo(line)
    echo(f"They are in {printable(found.folder)}.")
    if found.more:
        echo(f"{counted(found.more, 'older one')} not shown.")
    return OK


def _row(entry: RecordingEntry) -> list[str]:
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(entry.started_at))
    talkers = sum(file.file.endswith(".flac") and file.title != "mix" for file in entry.files)
    what = {"finished": "clip" if entry.kind == "clip" else "", "newer": "made by a newer version"}
    runs = entry.state == "recording"
    length, size = ("", "") if runs else (span(entry.seconds), megabytes(entry.size_bytes))
    return [
        printable(entry.recording), when, length, size, str(talkers),
        what.get(entry.state, entry.state),
    ]  # fmt: skip


def play(args: argparse.Namespace) -> int:
    library = _library()
    path = library.file(_named(library, args.recording), args.file)
    file_manager.play(path)
    echo(f"Playing {printable(str(path))}.")
    return OK


def reveal(args: argparse.Namespace) -> int:
    library = _library()
    folder = library.find(_named(library, args.recording))
    file_manager.reveal(folder)
    echo(printable(str(folder)))
    return OK


def rename(args: argparse.Namespace) -> int:
    library = _library()
    folder = library.rename(_named(library, args.recording), args.name)
    echo(f"It is called {printable(folder.name)} now.")
    return OK


def delete(args: argparse.Namespace) -> int:
    library = _library()
    name = _named(library, args.recording)
    library.delete(name, for_good=args.for_good)
    echo(f"{printable(name)} is {'deleted' if args.for_good else 'in the trash'}.")
    return OK


def export(args: argparse.Namespace) -> int:
    from workers.recorder.library.exporter import export as export_folder  # noqa: PLC0415  # loads the encoder

    library = _library()
    files = export_folder(library.find(_named(library, args.recording)), args.kind, each=args.each)
    for file in files:
        echo(printable(str(file)))
    return OK


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(do=list_all, json=False)
    parts = parser.add_subparsers(title="actions", metavar="ACTION")
    json_option(part(parts, "list", "list the recordings and clips (default)", list_all))
    one = _part(parts, "play", "play a recording's mix, or one of its files", play)
    one.add_argument("file", nargs="?", default="", metavar="FILE", help="e.g. Bo-Streams.flac")
    _part(parts, "reveal", "show a recording's folder in the Finder or the desktop's file manager", reveal)
    one = _part(parts, "rename", "give a recording another name", rename)
    one.add_argument("name", metavar="NAME", help="the new name. The folder keeps the date")
    one = _part(parts, "delete", "move a recording to the trash", delete)
    one.add_argument("--for-good", action="store_true", help="delete it, without the trash")
    one = _part(parts, "export", "write another format into a recording's folder", export)
    one.add_argument(
        "kind", choices=get_args(ExportKind), metavar="FORMAT",
        help="m4a, mp3, opus (the mix, with the marks as chapters), lof (Audacity), rpp (REAPER), "
        "chapters (JSON chapters of podcasts), ffmetadata (chapters for FFmpeg)",
    )  # fmt: skip
    one.add_argument("--each", action="store_true", help="with m4a, mp3 or opus: a copy of each talker too")


def _part(
    parts: Parts[argparse.ArgumentParser], name: str, words: str, do: Callable[[argparse.Namespace], int]
) -> argparse.ArgumentParser:
    made = part(parts, name, words, do)
    made.add_argument("recording", metavar="RECORDING", help=f"its name in the list, or `{LAST}` for the newest")
    return made


COMMANDS = {
    "recordings": Command(
        description=(
            "List the recordings and clips, and play, show, rename, delete or export them. It needs no pipeline.\n\n"
            "A deleted recording goes to the trash, from where it can be put back. What is exported lies beside the\n"
            "FLAC files, which stay as they are. labels.txt and speech.txt are Audacity labels already."
        ),
        example="partyline recordings export last mp3",
        run=recordings,
        arguments=_arguments,
    )
}
