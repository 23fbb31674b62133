"""A rehearsal of the probe, with randomly drawn unknowns of the simulator, its own home and its own pipeline.

The user's own home, pipeline and sign-in are neither changed nor read.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import tomlkit

from cli.pipeline.launch import supervisord
from cli.probe.results.findings import UnknownResult
from cli.probe.results.run_record import DrawnValue
from cli.probe.simulated_operator import SimulatorControl
from cli.shared.failures import CommandError
from cli.shared.supervisor import conf_of_home
from common.files.paths import Paths, variables_of, write_atomically
from common.files.state import UNUSABLE
from common.psn.http.endpoints import SimulatorInfo
from common.psn.unknowns import UNKNOWNS
from common.run.programs import CONF
from simulator.facts.declared import FACTS

UP_S = 60.0
STOP_S = 45.0
WORKERS = ("broker", "auth", "media", "signaling", "session")
_HOSTS = ("account", "mobile", "web", "dms", "profile", "party_link", "push", "push_socket")


def draw(seed: int) -> dict[str, str]:
    """Return name → value of every unknown, drawn at random."""
    chance = random.Random(seed)  # noqa: S311  # no secret
    return {one.name: chance.choice(FACTS[one.name].ways) for one in UNKNOWNS}


def judged(drawn: Mapping[str, str], findings: list[UnknownResult], unfit: int) -> tuple[DrawnValue, ...]:
    """Return drawn values beside the findings. `unfit`: our messages that the simulator did not understand."""
    by_name = {one.name: one for one in findings}
    return tuple(_judged(name, way, by_name[name], unfit) for name, way in drawn.items())


def _judged(name: str, way: str, finding: UnknownResult, unfit: int) -> DrawnValue:
    fits = way in finding.candidates
    if fits and finding.state == "settled":
        return DrawnValue(name=name, way=way, found="found")
    unseen = name == "frame.unfit" and finding.state == "not seen" and not unfit
    if unseen or (fits and finding.state == "no difference"):
        return DrawnValue(name=name, way=way, found="no difference")
    return DrawnValue(name=name, way=way, found="missed")


# --- a home of its own ---------------------------------------------------------------------------------


@dataclass
class RehearsalEnvironment:
    """The environment of a rehearsal."""

    paths: Paths
    control: SimulatorControl
    info: SimulatorInfo


@asynccontextmanager
async def rehearsal_environment(drawn: Mapping[str, str]) -> AsyncIterator[RehearsalEnvironment]:
    """Run a separate simulator and pipeline until the block ends. Their home is then deleted."""
    home = Path(tempfile.mkdtemp(prefix="pl-", dir="/tmp"))  # a short path, for sockets, created 0700
    paths = Paths(home)
    paths.make()
    try:
        async with contextlib.AsyncExitStack() as stack:
            info = await stack.enter_async_context(_simulator(paths, drawn))
            write_atomically(paths.settings_file, settings(info).encode())
            conf = home / CONF
            write_atomically(conf, configuration(paths).encode())
            await stack.enter_async_context(_running("supervisord", supervisord(conf, "-n"), paths))
            http = await stack.enter_async_context(aiohttp.ClientSession(trust_env=False))
            yield RehearsalEnvironment(paths, SimulatorControl(http, info.control_url), info)
    finally:
        shutil.rmtree(home, ignore_errors=True)


@asynccontextmanager
async def _simulator(paths: Paths, drawn: Mapping[str, str]) -> AsyncIterator[SimulatorInfo]:
    file = paths.simulator_file
    ways = [word for name, way in drawn.items() for word in ("--way", f"{name}={way}")]
    command = [
        sys.executable,
        "-P",
        "-m",
        "simulator",
        "--info",
        str(file),
        "--consoles",
        "1",
        "--log-level",
        "warning",
        *ways,
    ]
    async with _running("simulator", command, paths):
        yield await _info_of(file)


def _read(file: Path) -> SimulatorInfo | None:
    with contextlib.suppress(OSError, *UNUSABLE):
        return msgspec.json.decode(file.read_bytes(), type=SimulatorInfo)
    return None


async def _info_of(file: Path) -> SimulatorInfo:
    try:
        async with asyncio.timeout(UP_S):
            while True:
                if (info := _read(file)) is not None:
                    return info
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise CommandError(
            "The simulator of the rehearsal did not start.", "Please report this with the seed."
        ) from None


@asynccontextmanager
async def _running(name: str, command: list[str], paths: Paths) -> AsyncIterator[None]:
    """Run a program until the block ends, in its own session, so that Ctrl-C reaches it only through us."""
    with (paths.log / f"{name}.out").open("ab") as out:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=asyncio.subprocess.DEVNULL, stdout=out, stderr=out, cwd=paths.home, env=environment(paths),
            start_new_session=True,
        )  # fmt: skip
    try:
        yield
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(STOP_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


def environment(paths: Paths) -> dict[str, str]:
    """Return the variables of a rehearsal's processes, without the user's own for partyline and supervisord."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("PARTYLINE_", "SUPERVISOR_"))}
    return {**clean, **variables_of(paths)}


def settings(info: SimulatorInfo) -> str:
    """Return a settings file for the simulator's network, without keychain and sound device."""
    hosts = {f"{host}_url": str(getattr(info, f"{host}_url")) for host in _HOSTS}
    tables: dict[str, dict[str, Any]] = {
        "psn": {"realm": "playstation", **hosts},
        "auth": {"store": "file"},
        "audio": {"sink": "null"},
    }
    return tomlkit.dumps(tables)


def configuration(paths: Paths) -> str:
    """Return a supervisord configuration for a rehearsal's home, with the workers that a run needs."""
    return conf_of_home(paths, only=WORKERS)
