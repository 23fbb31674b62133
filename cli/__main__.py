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
        "up": ("cli.pipeline.up", "start the pipeline"),
        "down": ("cli.pipeline.down", "leave the party and stop the pipeline"),
        "restart": ("cli.pipeline.restart", "restart one worker, several, or all"),
        "dashboard": ("cli.pipeline.dashboard", "open the dashboard in a browser, or show the addresses of OBS' pages"),
        "status": ("cli.pipeline.status", "show the party, who speaks, how each voice arrives, and open problems"),
    },
    "the account": {
        "login": ("cli.account.login", "sign in to PlayStation Network"),
        "whoami": ("cli.account.whoami", "show who is signed in, and for how long"),
        "logout": ("cli.account.logout", "leave the party and delete the sign-in"),
        "demo": ("cli.account.demo", "switch back to the simulator's demo party"),
    },
    "the party": {
        "parties": ("cli.party.parties", "list the parties that you can join"),
        "join": ("cli.party.join", "join a party by its id or share link"),
        "leave": ("cli.party.leave", "leave the party"),
        "create": ("cli.party.create", "create a party"),
        "rename": ("cli.party.rename", "rename the party"),
        "visibility": ("cli.party.visibility", "open the party to friends of its members, or to invited people only"),
        "invite": ("cli.party.invite", "invite people to the party"),
        "kick": ("cli.party.kick", "remove a member from the party"),
        "follow": ("cli.party.follow", "join every party that a player joins"),
    },
    "the sound": {
        "gain": ("cli.sound.gain", "make a member louder or quieter"),
        "mute": ("cli.sound.mute", "mute a member for yourself"),
        "unmute": ("cli.sound.unmute", "unmute a member"),
        "solo": ("cli.sound.solo", "hear only this member and other solo members"),
        "unsolo": ("cli.sound.unsolo", "end a member's solo"),
        "me": ("cli.sound.me", "say which member of the party is you, so that your voice is not heard twice"),
        "voice": ("cli.sound.voice", "set gate, noise suppression and equaliser of a member"),
        "master": ("cli.sound.master", "show or set gain, delay and levelling of the whole mix"),
        "devices": ("cli.sound.devices", "list the sound devices"),
        "device": ("cli.sound.device", "choose the sound device"),
        "output": ("cli.sound.output", "play on several devices at once, each with its own gain and delay"),
        "record": ("cli.sound.record", "record each talker to a separate file"),
        "clip": ("cli.sound.clip", "save the last seconds of everybody"),
        "recordings": ("cli.sound.recordings", "list, play, rename, delete and export recordings and clips"),
    },
    "OBS": {
        "obs": ("cli.obs.obs", "add the voices and an overlay to OBS, and check them there"),
    },
    "other programs": {
        "api": ("cli.api.api", "make keys for other programs, and print the API's schema"),
        "events": ("cli.api.events", "print what happens as JSON lines"),
        "do": ("cli.api.do", "make one request of the API"),
        "integration": ("cli.api.integration", "list the bridges to other programs, and run one"),
    },
    "this machine": {
        "doctor": ("cli.machine.doctor.doctor", "say what is wrong with this machine, and what to do about it"),
        "report": ("cli.machine.report.report", "bundle what a bug report needs, without secrets and names"),
        "config": ("cli.machine.config", "show and change the settings, or move another home into this one"),
        "completion": ("cli.machine.completion", "print a completion script for the shell"),
        "service": ("cli.machine.service.service", "have the pipeline started at boot or login"),
    },
    "other machines": {
        "https": (
            "cli.machine.https",
            "open the pages to other devices, encrypted",
        ),
        "pair": ("cli.machine.peers.pair", "pair two machines, by a code"),
        "peers": ("cli.machine.peers.peers", "list the paired machines"),
        "split": ("cli.machine.peers.split", "let two machines be one pipeline: the party there, the sound here"),
        "unpair": ("cli.machine.peers.peers", "forget a paired machine"),
        "listen-link": ("cli.machine.peers.listen_link", "make a link by which another machine hears the party"),
    },
    "diagnostics": {
        "logs": ("cli.diagnostics.logs", "show the workers' logs in words"),
        "probe": ("cli.probe.probe", "find out, step by step, what is unknown about PlayStation's servers"),
        "trace": ("cli.diagnostics.trace", "show the latest calls to PlayStation's servers and their replies"),
        "tap": ("cli.diagnostics.tap", "print bus messages live, or write a member's voice to a WAV file"),
        "miranda": ("cli.miranda.miranda", "decode voice signaling: frames, messages, SDP"),
        "capture": ("cli.capture.capture", "record the app's traffic, remove personal data, verify and report it"),
    },
}
OF_THE_MACHINE = frozenset(
    {errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EMFILE, errno.ENFILE}
)
"""Errors of the disk, its permissions or the system's limits, which are not faults of partyline."""
REMEDY = "Check the file or folder, its permissions, and the free space on its disk. All files are in $PARTYLINE_HOME."
COMMANDS = {name: entry for group in GROUPS.values() for name, entry in group.items()}


def overview() -> str:
    lines = [
        "usage: partyline [COMMAND] [--help] …",
        "",
        "Brings the voices of a PlayStation Party to this machine.",
        "",
        "Without a command it opens the guide in your browser, from an account to sound in OBS.",
        "It starts the pipeline if that does not run.",
        "",
    ]
    for title, group in GROUPS.items():
        lines += [f"{title}:", *(f"  {name:<12}{entry[1]}" for name, entry in group.items()), ""]
    lines += [
        "another machine:",
        "  partyline --at MACHINE COMMAND …",
        "",
        "example:",
        "  partyline up && partyline status",
        "",
        EXIT_CODES,
    ]
    return "\n".join(lines)


def dispatch(argv: list[str]) -> int:
    """Run the subcommand that `argv` names. Raises what it raises."""
    if not argv:
        begun: int = importlib.import_module("cli.begin").begin()
        return begun
    if argv[0] == "--at":
        return _at(argv[1:])
    name = argv[0]
    if name in ("--help", "-h", "help"):
        sys.stdout.write(overview())
        return OK
    if name == "--version":
        version = importlib.import_module("common.basic.version").version()
        sys.stdout.write(f"partyline {version}\n")
        return OK
    if name not in COMMANDS:
        near = difflib.get_close_matches(name, COMMANDS, n=1)
        remedy = f"Did you mean `partyline {near[0]}`? " if near else ""
        raise UsageError(f"partyline has no command {name!r}.", f"{remedy}See `partyline --help`.")
    if name in GROUPS["the account"] and "--help" not in argv:
        importlib.import_module("cli.shared.divided").check_account(name)
    command = importlib.import_module(COMMANDS[name][0]).COMMANDS[name]
    status: int = command.execute(name, argv[1:])
    return status


def _at(argv: list[str]) -> int:
    """Run a subcommand for the pipeline of another machine: ``--at MACHINE COMMAND …``."""
    far = importlib.import_module("cli.shared.far")
    if len(argv) < 2:
        raise UsageError(
            "partyline --at needs a machine and a command.", "Example: `partyline --at studio-mini status`."
        )
    if argv[1] in COMMANDS and argv[1] not in far.FIT:
        raise UsageError(f"`partyline {argv[1]}` works on its own machine only.", f"Run it on {argv[0]}, e.g. by ssh.")
    os.environ[far.AT_VARIABLE] = argv[0]
    try:
        return dispatch(argv[1:])
    finally:
        del os.environ[far.AT_VARIABLE]


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
    crash = importlib.import_module("cli.shared.crash")
    sys.stderr.write(crash.report(error))
    return 1


def _forget_stdout() -> None:
    """Keep Python from flushing into the closed pipe at exit."""
    sink = os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, sys.stdout.fileno())
    os.close(sink)


if __name__ == "__main__":
    sys.exit(main())
