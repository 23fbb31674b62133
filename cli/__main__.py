"""The `partyline` command. Only the module of the chosen subcommand is loaded, so that it starts quickly."""

from __future__ import annotations

import difflib
import errno
import importlib
import os
import sys

from cli.shared.failures import EXIT_CODES, INTERRUPTED, OK, UsageError, exit_code, two_lines
from common.errors import PartylineError
from common.files.paths import usable_umask

GROUPS: dict[str, dict[str, tuple[str, str]]] = {
    "the pipeline": {
        "up": ("cli.pipeline.up", "start it"),
        "down": ("cli.pipeline.restart", "leave the party and stop it"),
        "restart": ("cli.pipeline.restart", "restart one worker, several, or all"),
        "dashboard": ("cli.pipeline.dashboard", "steer it in a browser; the addresses of OBS' pages"),
        "status": ("cli.pipeline.status", "who is in the party, who speaks, how it sounds, what is wrong"),
    },
    "the account": {
        "login": ("cli.account.login", "sign in to PlayStation Network"),
        "whoami": ("cli.account.whoami", "show who is signed in, and for how long"),
        "logout": ("cli.account.whoami", "leave the party and forget the sign-in"),
        "demo": ("cli.account.demo", "go back to the simulator's demo party"),
    },
    "the party": {
        "parties": ("cli.party.join", "list the parties there are to join"),
        "join": ("cli.party.join", "join one, by its id or share link"),
        "leave": ("cli.party.join", "leave it"),
        "create": ("cli.party.create", "make one"),
        "rename": ("cli.party.create", "give it another name"),
        "visibility": ("cli.party.create", "open it to friends of its members, or to invited people only"),
        "invite": ("cli.party.create", "invite people into it"),
        "kick": ("cli.party.create", "take somebody out of it"),
        "follow": ("cli.party.follow", "be in whatever party somebody is in, from now on"),
        "gain": ("cli.sound.master", "make a member louder or quieter"),
        "mute": ("cli.sound.master", "silence a member for yourself"),
        "unmute": ("cli.sound.master", "hear a member again"),
        "solo": ("cli.sound.master", "hear a member, and nobody who is not solo"),
        "unsolo": ("cli.sound.master", "end that"),
    },
    "the sound": {
        "master": ("cli.sound.master", "gain, delay and levelling of the whole mix"),
        "devices": ("cli.sound.devices", "list the sound devices"),
        "device": ("cli.sound.devices", "play on one of them from now on"),
        "record": ("cli.sound.record", "record every talker into a file of their own"),
    },
    "OBS": {
        "obs": ("cli.obs.obs", "put the voices, and who speaks, into OBS; look how they stand there"),
    },
    "looking inside": {
        "probe": ("cli.probe.probe", "find out, step by step, what is not known of PlayStation's servers"),
        "trace": ("cli.diagnostics.trace", "what PlayStation's servers answered lately"),
        "tap": ("cli.diagnostics.tap", "print bus messages live, or write a member's voice to a WAV"),
        "miranda": ("cli.miranda.miranda", "take voice signaling apart: frames, messages, SDP"),
        "capture": ("cli.capture.capture", "recorded traffic: take yourself out of it, check it, report what it says"),
    },
}
OF_THE_MACHINE = frozenset(
    {errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EMFILE, errno.ENFILE}
)
"""Errors of the disk, its permissions or the system's limits, which are not faults of partyline."""
REMEDY = "Check that file or folder, its permissions, and the space on its disk ($PARTYLINE_HOME is where it all lies)."
COMMANDS = {name: entry for group in GROUPS.values() for name, entry in group.items()}


def overview() -> str:
    lines = ["usage: partyline COMMAND [--help] …", "", "Brings the voices of a PlayStation Party to this machine.", ""]
    for title, group in GROUPS.items():
        lines += [f"{title}:", *(f"  {name:<11}{entry[1]}" for name, entry in group.items()), ""]
    lines += ["example:", "  partyline up && partyline status", "", EXIT_CODES]
    return "\n".join(lines)


def dispatch(argv: list[str]) -> int:
    """Run the subcommand that `argv` names. Raises what it raises."""
    name = argv[0] if argv else "--help"
    if name in ("--help", "-h", "help"):
        sys.stdout.write(overview())
        return OK
    if name == "--version":
        version = importlib.import_module("importlib.metadata").version("partyline")
        sys.stdout.write(f"partyline {version}\n")
        return OK
    if name not in COMMANDS:
        near = difflib.get_close_matches(name, COMMANDS, n=1)
        remedy = f"Did you mean `partyline {near[0]}`? " if near else ""
        raise UsageError(f"partyline knows no command {name!r}.", f"{remedy}See `partyline --help`.")
    command = importlib.import_module(COMMANDS[name][0]).COMMANDS[name]
    status: int = command.execute(name, argv[1:])
    return status


def main(argv: list[str] | None = None) -> int:
    """Run `partyline` and return its exit code."""
    usable_umask()
    try:
        status = dispatch(sys.argv[1:] if argv is None else argv)
        sys.stdout.flush()
    except PartylineError as error:
        sys.stderr.write(two_lines(error))
        return exit_code(error)
    except KeyboardInterrupt:
        if sys.stderr.isatty():
            sys.stderr.write("\n")  # keep the shell's prompt off the line of ^C
        return INTERRUPTED
    except BrokenPipeError:
        _forget_stdout()
        return OK
    except Exception as error:  # noqa: BLE001  # the last resort: a sentence for the user, the rest in a file
        return _unexpected(error)
    return status


def _unexpected(error: Exception) -> int:
    """Print an error of the machine, or a crash report. Return the exit code."""
    if isinstance(error, OSError) and error.errno in OF_THE_MACHINE:
        place = f"{error.filename}: " if error.filename else ""
        sys.stderr.write(f"{place}{(error.strerror or str(error)).rstrip('.')}.\n{REMEDY}\n")
        return 1
    crash = importlib.import_module("cli.crash")
    sys.stderr.write(crash.report(error))
    return 1


def _forget_stdout() -> None:
    """Keep Python from flushing into the closed pipe at exit."""
    sink = os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, sys.stdout.fileno())
    os.close(sink)


if __name__ == "__main__":
    sys.exit(main())
