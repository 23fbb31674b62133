"""What a report contains. Each part is gathered by itself, and one that cannot be had says why."""

from __future__ import annotations

import asyncio
import getpass
import importlib.metadata
import json
import os
import platform
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from packaging.requirements import InvalidRequirement, Requirement

from cli.machine.doctor import view
from cli.machine.doctor.doctor import findings_of
from cli.machine.doctor.first_mac.keep import place_of
from cli.machine.doctor.surroundings import Surroundings
from cli.pipeline.status import as_data
from cli.shared.connect import connect
from common.basic.clock import boot_s
from common.config.tables import Settings
from common.errors import PartylineError
from common.files.paths import CHECKOUT
from common.files.state import UNUSABLE
from common.log import logs
from common.log.secret import secret_fields
from common.obs import own_settings
from common.psn.http import trace as traces

LOG_BYTES = 256 * 1024
"""The end of each log. It holds the last hours of a quiet worker, and minutes of one with a fault in a loop."""
MOST_LOGS = 24
CALLS = 200
COMMAND = "partyline"
DOCTOR = "doctor.json"
SHORTEST_SECRET = 16
"""Tokens and keys are longer. Shorter texts in their files are words."""


@dataclass(frozen=True)
class ReportPart:
    """One file of the report, before it is scrubbed."""

    name: str
    what: str
    data: Any = None
    """JSON data, or None if it is a text."""
    text: str = ""
    harmless: bool = False
    """Whether it has nothing of anybody's, and is not scrubbed: versions of packages."""


def parts(around: Surroundings) -> Iterator[ReportPart]:
    """Yield the parts. Nothing is scrubbed yet."""
    yield _safely(DOCTOR, "what `partyline doctor` found", lambda: _doctor(around))
    yield _safely("status.json", "the state of the pipeline", lambda: _status(around))
    yield _safely("versions.json", "versions of partyline, Python and its packages", versions, harmless=True)
    yield _safely("settings.json", "the settings that are not the default, without passwords", lambda: _changed(around))
    yield _safely("trace.json", f"the last {CALLS} calls to PlayStation", lambda: _trace(around))
    first = place_of(around.paths)
    if first.exists():
        yield _safely(
            first.name, "what `partyline doctor --first-mac` measured", lambda: json.loads(first.read_bytes())
        )
    if (page := _last_probe(around)) is not None:
        yield ReportPart("probe.md", "the page of the last `partyline probe`", text=_end_of(page))
    for log in _logs(around):
        yield ReportPart(f"log/{log.name}", "the end of that log", text=_end_of(log))


def _safely(name: str, what: str, gather: Callable[[], Any], *, harmless: bool = False) -> ReportPart:
    try:
        return ReportPart(name, what, data=gather(), harmless=harmless)
    except Exception as error:  # noqa: BLE001  # a report of a broken machine has what can be had
        words = error.message if isinstance(error, PartylineError) else f"{type(error).__name__}: {error}"
        return ReportPart(name, what, data={"missing": words})


def _doctor(around: Surroundings) -> dict[str, Any]:
    return view.as_data(findings_of(around), at=time.time(), offline=around.offline)


def _status(around: Surroundings) -> Any:
    async def asked() -> Any:
        async with connect(around.paths) as (_, state):
            return as_data(state, time.time(), boot_s())

    return msgspec.to_builtins(asyncio.run(asked()))


def versions() -> dict[str, Any]:
    """Return versions of everything that partyline is made of."""
    own = next((one.dist for one in importlib.metadata.entry_points(group="console_scripts", name=COMMAND)), None)
    return {
        "partyline": own.version if own else "",
        "commit": _commit(),
        "python": sys.version,
        "platform": platform.platform(),
        "packages": _needed(own.name if own else COMMAND),
    }


def _commit() -> str:
    with suppress(OSError, subprocess.SubprocessError):
        words = ["git", "-C", str(CHECKOUT), "rev-parse", "--short", "HEAD"]
        return subprocess.run(words, capture_output=True, text=True, timeout=5, check=True).stdout.strip()  # noqa: S603
    return ""


def _needed(name: str) -> dict[str, str]:
    """Return package → version of everything that `name` needs, directly or not."""
    found: dict[str, str] = {}
    waiting = [name]
    while waiting:
        with suppress(importlib.metadata.PackageNotFoundError, InvalidRequirement):
            package = importlib.metadata.distribution(waiting.pop())
            if package.name in found:
                continue
            found[package.name] = package.version
            needs = [Requirement(text) for text in package.requires or []]
            waiting += [one.name for one in needs if one.marker is None or one.marker.evaluate({"extra": ""})]
    return dict(sorted(found.items()))


def _changed(around: Surroundings) -> dict[str, Any]:
    """Return the settings that differ from the default, with secrets hidden."""
    usual, found = Settings(), {}
    for table in Settings.__struct_fields__:
        now, before = getattr(around.settings, table), getattr(usual, table)
        hidden: frozenset[str] = secret_fields(type(now))  # type: ignore[arg-type]  # a type has a hash
        if changed := {
            key: logs.HIDDEN if key in hidden else logs.clean(msgspec.to_builtins(getattr(now, key)))
            for key in now.__struct_fields__
            if getattr(now, key) != getattr(before, key)
        }:
            found[table] = changed
    return {"fault": around.settings_error, **found} if around.settings_error else found


def _trace(around: Surroundings) -> list[Any]:
    calls = sorted(traces.read(around.paths.trace_file), key=lambda call: call.at)
    return [msgspec.to_builtins(call) for call in calls[-CALLS:]]


def _last_probe(around: Surroundings) -> Path | None:
    return max(around.paths.home.glob("probe-*/probe.md"), default=None)


def _logs(around: Surroundings) -> list[Path]:
    try:
        found = [file for file in around.paths.log.iterdir() if file.suffix == ".log" and file.is_file()]
    except OSError:
        return []
    return sorted(found)[:MOST_LOGS]


def _end_of(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            size = stream.seek(0, os.SEEK_END)
            stream.seek(max(0, size - LOG_BYTES))
            text = stream.read(LOG_BYTES).decode("utf-8", "replace")
    except OSError as error:
        return f"It cannot be read: {error.strerror or error}.\n"
    return text.partition("\n")[2] if size > LOG_BYTES else text  # the first line is cut


# --- what is known to be somebody's ------------------------------------------------------------------


def remember_secrets(around: Surroundings) -> None:
    """Have every secret that this machine keeps in files redacted. Settings hide theirs by themselves."""
    for file in _json_files(around.paths.secrets):
        _remember(_decoded(file))
    own_settings.read(own_settings.folder())  # hides OBS's password


def _remember(data: Any) -> None:
    if isinstance(data, str) and len(data) >= SHORTEST_SECRET:
        logs.remember(data)
    if isinstance(data, dict):
        data = [item for key, item in data.items() if key != "place"]  # the address of the server that issued it
    for item in data if isinstance(data, list) else ():
        _remember(item)


def people(around: Surroundings) -> Iterator[Any]:
    """Yield what tells who is who: state files, names of pictures and recordings, routes."""
    for file in _json_files(around.paths.state):
        yield _decoded(file)
    for folder in (around.paths.avatars, around.paths.recordings):
        with suppress(OSError):
            yield [{"online_id": file.name.split(".", 1)[0]} for file in folder.iterdir()]
    yield [{"online_id": name} for name in around.settings.audio.routes]


def machine_names(around: Surroundings) -> dict[str, str]:
    """Return the names of this user and machine, and what stands for them."""
    found = {socket.gethostname().split(".", 1)[0]: "host", around.user.name: "user"}
    with suppress(OSError, KeyError):
        found[getpass.getuser()] = "user"
    return {name: stands for name, stands in found.items() if name not in ("root", "localhost")}


def _json_files(folder: Path) -> list[Path]:
    try:
        return sorted(folder.glob("*.json*"))
    except OSError:
        return []


def _decoded(file: Path) -> Any:
    try:
        return msgspec.json.decode(file.read_bytes())
    except (OSError, *UNUSABLE):
        return None
