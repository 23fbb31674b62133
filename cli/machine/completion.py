"""`partyline completion`."""

from __future__ import annotations

import argparse
import importlib

import shtab

from cli.shared.command import Command
from cli.shared.failures import OK
from cli.shared.terminal import echo


def completion(args: argparse.Namespace) -> int:
    echo(script(args.shell))
    return OK


def script(shell: str) -> str:
    """Return the completion script of every command, for one of shtab's shells."""
    return str(shtab.complete(whole_parser(), shell))


def whole_parser() -> argparse.ArgumentParser:
    """Return one parser with every command and its parts. Usually only that of the command in question is made."""
    commands = importlib.import_module("cli.__main__").COMMANDS  # which loads this module by its name too
    whole = argparse.ArgumentParser(prog="partyline", allow_abbrev=False)
    whole.add_argument("--version", action="version", version="")
    parts = whole.add_subparsers()
    for name, (module, words) in commands.items():
        parent = importlib.import_module(module).COMMANDS[name].parser(name)
        parts.add_parser(name, parents=[parent], add_help=False, help=words, prog=f"partyline {name}")
    return whole


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", metavar="SHELL", choices=shtab.SUPPORTED_SHELLS, help="zsh, bash or tcsh")


COMMANDS = {
    "completion": Command(
        description="Print a script that completes partyline's commands and options in your shell.\n\n"
        "  zsh    partyline completion zsh > ~/.zfunc/_partyline\n"
        "         (once in ~/.zshrc, before compinit: fpath=(~/.zfunc $fpath))\n"
        "  bash   partyline completion bash > ~/.local/share/bash-completion/completions/partyline\n"
        "  tcsh   partyline completion tcsh > ~/.partyline.tcsh, and source it in ~/.tcshrc",
        example="partyline completion zsh > ~/.zfunc/_partyline",
        run=completion,
        arguments=_arguments,
    )
}
