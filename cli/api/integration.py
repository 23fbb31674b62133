"""`partyline integration`: bridges to other programs, listed or run in the foreground."""

from __future__ import annotations

import argparse
import asyncio
import sys

from cli.shared.command import Command
from cli.shared.failures import OK
from cli.shared.terminal import Style, Table, echo
from common.config.settings import load
from common.files.paths import Paths
from common.log import logs
from integrations import catalogue
from integrations.catalogue import WORDS
from integrations.client.access import access


def execute(args: argparse.Namespace) -> int:
    paths = Paths.of_environment()
    settings = load(paths)
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
    if args.check:
        check = catalogue.load_check(args.name)
        for line in check(around) if check else ["It has nothing but its settings, and those are right."]:
            echo(line)
        return OK
    logs.setup(args.name, settings.log.level)
    asyncio.run(catalogue.load(args.name)(around))
    return OK


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", choices=tuple(WORDS), help="run this one until Ctrl-C (default: list them)")
    parser.add_argument("--check", action="store_true", help="only tell what it is set to do, or what is wrong")
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
