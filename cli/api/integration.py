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
    logs.setup(args.name, settings.log.level)
    asyncio.run(catalogue.load(args.name)(catalogue.Around(find=access, settings=settings, paths=paths)))
    return OK


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", choices=tuple(WORDS), help="run this one until Ctrl-C (default: list them)")


COMMANDS = {
    "integration": Command(
        description="List the bridges to other programs, or run one in the foreground.\n\n"
        "Those of the setting `[integrations] run` start with the pipeline. Their log: `partyline logs integrations`.",
        example="partyline integration osc",
        run=execute,
        arguments=_arguments,
    ),
}
