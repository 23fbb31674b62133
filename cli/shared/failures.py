"""Errors of commands, with two lines on standard error and an exit code."""

from __future__ import annotations

from common.errors import PartylineError

OK = 0
FAILED = 1
USAGE = 2
NOT_RUNNING = 3
UNFIT = 78
INTERRUPTED = 130

EXIT_CODES = """exit codes:
  0    success
  1    the command failed
  2    the command line is not valid
  3    the pipeline is not running
  130  stopped by Ctrl-C
"""


class CommandError(PartylineError):
    """The requested action failed."""

    code = "cli.failed"
    exit_code = FAILED


class UsageError(CommandError):
    """The command line is not valid."""

    code = "cli.usage"
    exit_code = USAGE


class NotRunningError(CommandError):
    """No pipeline is running."""

    code = "cli.not-running"
    exit_code = NOT_RUNNING


class UnfitError(CommandError):
    """A service cannot run until a person has mended something (BSD's EX_CONFIG). Another try would change nothing."""

    code = "cli.unfit"
    exit_code = UNFIT


def exit_code(error: PartylineError) -> int:
    return error.exit_code if isinstance(error, CommandError) else FAILED


def two_lines(error: PartylineError) -> str:
    """Return what happened and what to do about it, one line each."""
    what = " ".join(error.message.split())
    if error.reference_id and error.reference_id not in what:
        what += f" (reference {error.reference_id})"
    return f"{what}\n{' '.join(error.remedy.split()) or 'See `partyline status` for open problems.'}\n"
