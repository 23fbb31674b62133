"""The parts of a subcommand. Each module of the package lists its own in `COMMANDS`."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from cli.shared.failures import EXIT_CODES, UsageError


class Parser(argparse.ArgumentParser):
    """An argparse parser whose errors say what happened and what to do."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{self.prog}: {message}.", f"See `{self.prog} --help`.")


@dataclass(frozen=True)
class Command:
    """One subcommand."""

    description: str
    example: str
    run: Callable[[argparse.Namespace], int]
    arguments: Callable[[argparse.ArgumentParser], None] = lambda _: None
    prepare: Callable[[list[str]], list[str]] = list
    """Applied to the arguments before they are parsed."""

    def execute(self, name: str, words: list[str]) -> int:
        return self.run(self.parser(name).parse_args(self.prepare(words)))

    def parser(self, name: str) -> Parser:
        parser = Parser(
            prog=f"partyline {name}",
            description=self.description,
            epilog=f"example:\n  {self.example}\n\n{EXIT_CODES}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        self.arguments(parser)
        return parser


Parts = argparse._SubParsersAction  # noqa: SLF001  # argparse gives its type no public name


def part(
    parts: Parts[argparse.ArgumentParser], name: str, words: str, do: Callable[[argparse.Namespace], int]
) -> argparse.ArgumentParser:
    """Add a subcommand's part, e.g. ``partyline record START``. `words` is its help text."""
    added = parts.add_parser(
        name, help=words, description=words[0].upper() + words[1:] + ".", epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False,
    )  # fmt: skip
    added.set_defaults(do=do)
    return added


def json_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON instead of text")


def conf_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--conf", metavar="FILE", default="", help=argparse.SUPPRESS)


def seconds(text: str) -> float:
    """Return a positive number of seconds."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < 1e7:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds above 0")
    return value
