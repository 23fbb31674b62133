"""The parts of a subcommand: its parser, its parts, and the kinds of its arguments."""

from __future__ import annotations

import argparse

import pytest

from cli.shared.command import Command, part, seconds
from cli.shared.failures import UsageError


def made(**more: object) -> Command:
    return Command(description="Do it.", example="partyline do", run=lambda args: args.number, **more)  # type: ignore[arg-type]


def with_number(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--number", type=int, default=7)


def test_a_command_runs_with_its_arguments_and_returns_its_exit_code():
    assert made(arguments=with_number).execute("do", ["--number", "3"]) == 3


def test_the_arguments_may_be_prepared_before_they_are_parsed():
    prepared = made(arguments=with_number, prepare=lambda words: ["--number", *words])
    assert prepared.execute("do", ["5"]) == 5


@pytest.mark.parametrize("words", [["--num", "3"], ["--number"], ["more"]])
def test_a_line_that_is_not_valid_names_the_command_and_its_help(words):
    with pytest.raises(UsageError) as error:
        made(arguments=with_number).execute("do", words)
    assert error.value.message.startswith("partyline do: ")
    assert error.value.remedy == "See `partyline do --help`."


def test_a_part_has_its_own_help_and_names_what_it_does():
    parser = made().parser("do")
    one = part(parser.add_subparsers(), "start", "start it", lambda _: 0)
    assert "Start it." in one.format_help()
    assert parser.parse_args(["start"]).do(None) == 0


@pytest.mark.parametrize(("text", "value"), [("0.5", 0.5), ("30", 30.0)])
def test_seconds_are_a_number_above_0(text, value):
    assert seconds(text) == value


@pytest.mark.parametrize("text", ["0", "-3", "soon", "nan", "inf", "1e7"])
def test_anything_else_is_refused(text):
    with pytest.raises(argparse.ArgumentTypeError, match="not a number of seconds"):
        seconds(text)
