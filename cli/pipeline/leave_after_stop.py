"""Leaves a party that the pipeline's stop did not leave, because session hung or was killed."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys

import msgspec

from common.files.paths import Paths
from common.files.state import UNUSABLE, format_of
from common.run.lives import forget

LIMIT_S = 40.0
END_S = 8.0


class _Memory(msgspec.Struct):
    """The fields of `workers.session.memory.PartyMemory` that are needed here."""

    place: str = ""
    phase: str = "none"


class _Answer(msgspec.Struct):
    left: bool
    name: str = ""


def is_there(paths: Paths) -> bool:
    """Return whether the stopped session's state file still has a PlayStation party. It changes nothing."""
    try:
        raw = (paths.state / "session.json").read_bytes()
        memory = msgspec.json.decode(raw, type=_Memory)
    except (OSError, *UNUSABLE):
        return False
    if format_of(raw) > 1:
        return False  # its worker cannot read it either
    return memory.phase != "none" and memory.place not in ("", "simulator")


def leave(paths: Paths, limit_s: float = LIMIT_S) -> list[str]:
    """Leave the party with separate processes, after the pipeline's stop. Return lines for the user, if any.

    It takes at most `limit_s` seconds, and `END_S` more for each of its two processes if they do not end.
    """
    if not is_there(paths):
        return []
    forget(paths.run, "auth")  # nobody restarts it any more, and a leave does not wait
    auth = _start("workers.auth")
    session = _start("workers.session", "leave")
    try:
        output, _ = session.communicate(timeout=min(limit_s, LIMIT_S))
        answer = msgspec.json.decode(output, type=_Answer)
    except (subprocess.TimeoutExpired, *UNUSABLE):
        answer = _Answer(left=False)
    finally:
        for process in (session, auth):
            _end(process)
    if answer.left:
        return ["The session worker did not leave the party when it stopped. The party was left now."]
    return [
        "Leaving the party failed. The other members may still see you in it.",
        "Leave it in the PlayStation App, or run `partyline up`, which leaves it at its start.",
    ]


def _start(*words: str) -> subprocess.Popen[bytes]:
    """Start a worker's module without supervisord, which is stopped by now."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("SUPERVISOR_")}
    return subprocess.Popen(  # noqa: S603  # fixed arguments, no shell
        [sys.executable, "-P", "-m", *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if len(words) > 1 else subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=env,
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(END_S)
    process.kill()
    process.wait()
