"""`partyline integration`: bridges to other programs, listed or run in the foreground."""

from __future__ import annotations

import argparse
import asyncio
import sys

from cli.shared.command import Command
from cli.shared.failures import FAILED, OK, CommandError, UsageError
from cli.shared.terminal import Style, Table, echo
from common.config.settings import load
from common.files.paths import Paths
from common.log import logs
from common.run.process import only_one
from integrations import catalogue
from integrations.__main__ import NAME as PROGRAM
from integrations.catalogue import WORDS, CheckedPart
from integrations.client.access import access


def execute(args: argparse.Namespace) -> int:
    paths = Paths.of_environment()
    settings = load(paths)
    if not args.name and args.check is not None:
        raise UsageError("partyline integration --check: the name is missing.", f"Names: {', '.join(WORDS)}.")
    if not args.name:
        started = settings.integrations.run
        rows = [[name, "with the pipeline" if name in started else "", words] for name, words in WORDS.items()]
        for line in Table(["NAME", "STARTS", "WHAT IT DOES"], rows).lines(Style.of(sys.stdout)):
            echo(line)
        return OK
    around = catalogue.Around(find=access, settings=settings, paths=paths)
    if args.example:
        echo(catalogue.load_example(args.name).rstrip("\n") or f"# {args.name} has no file of its own.")
        return OK
    logs.setup(args.name, settings.log.level)
    if args.check is not None:
        return _show(asyncio.run(catalogue.load_check(args.name)(around, args.check)))
    if args.name in settings.integrations.run and _runs_with_the_pipeline(paths):
        raise CommandError(
            f"{args.name} runs with the pipeline already.",
            "See `partyline logs integrations`, or take it out of `[integrations] run` and restart them first.",
        )
    asyncio.run(catalogue.load(args.name)(around))
    return OK


def _runs_with_the_pipeline(paths: Paths) -> bool:
    paths.make()
    with only_one(paths.run, PROGRAM) as alone:
        return not alone


def _show(parts: list[CheckedPart]) -> int:
    style = Style.of(sys.stdout)
    for part in parts:
        verdict = style("works", "green") if part.works else style("FAILS", "red")
        echo(f"{verdict}  {part.name}: {part.words}" if part.name else part.words)
        if part.remedy:
            echo(f"       {part.remedy}")
    return OK if all(part.works for part in parts) else FAILED


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", choices=tuple(WORDS), help="run this one until Ctrl-C (default: list them)")
    parser.add_argument(
        "--check", nargs="?", const="", metavar="PART",
        help="only say what it is set to do, and try out the other side (default: all its parts)",
    )  # fmt: skip
    parser.add_argument("--example", action="store_true", help="only print an example of its file, where it has one")


COMMANDS = {
    "integration": Command(
        description="List the bridges to other programs, or run one in the foreground.\n\n"
        "Those of the setting `[integrations] run` start with the pipeline. Their log: `partyline logs integrations`.",
        example="partyline integration osc",
        run=execute,
        arguments=_arguments,
    ),
}
