"""`python -m simulator`: a PlayStation Network on loopback until SIGTERM."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec

from common.config.settings import load
from common.config.tables import PsnSettings, Settings
from common.errors import SettingsError
from common.files.paths import Paths, write_atomically
from common.files.state import UNUSABLE
from common.log import logs
from common.psn.http.endpoints import SimulatorInfo
from common.run.process import EXIT_RUNNING, EXIT_SETTINGS, only_one
from simulator.app import Running, serving
from simulator.demo import CAST
from simulator.facts import FACTS, table
from simulator.facts.ways import BadWay, Ways
from simulator.scenarios import SCENARIOS, overview
from simulator.shared.names import certificate
from simulator.shared.rates import CALLS
from simulator.world import Options

_PARENT_S = 1.0
_NICENESS = -8


def parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(
        prog="python -m simulator",
        description="Stand in for every PlayStation host on loopback, with a party of consoles that speak.",
        epilog="The base URLs, the demo account's NPSSO and the party's link are printed, and written to --info.\n\n"
        'scenarios, for --scenario and for POST <control_url>/scenario {"name": …} while it runs:\n'
        f"{overview()}\n\n"
        'Single faults: POST <control_url>/faults {"path": "/mobile/api/", "status": 503, "times": 2}, with\n'
        "html, headers, delay_s, cut, method, contains, message, oauth_error and next_available_s as wished.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    found.add_argument("--port", type=int, default=0, help="TCP port on 127.0.0.1 (default: the last run's, else any)")
    found.add_argument("--consoles", type=int, default=3, help=f"consoles in the demo party, 1-{len(CAST)} (default 3)")
    found.add_argument("--own-console", action="store_true", help="the demo account's own PS5 is in the party, too")
    found.add_argument("--info", type=Path, help="where to write what a client needs to know, as JSON, mode 0600")
    found.add_argument("--token-life", type=float, default=3599, metavar="S", help="life of access tokens (3599 s)")
    found.add_argument(
        "--presence-timeout",
        type=float,
        default=0,
        metavar="S",
        help="a member without push is dropped after that (default: as Sony's, 120 s idle and 30 s in voice chat)",
    )
    found.add_argument(
        "--rate-limit", type=int, default=CALLS, metavar="N",
        help=f"calls that an account may make in a quarter of an hour, 0: any number (default {CALLS})",
    )  # fmt: skip
    found.add_argument(
        "--keep-alive", type=float, default=0, metavar="S", help="ping interval to announce (default: as Sony's)"
    )
    found.add_argument(
        "--push-version", action="append", choices=("3.0", "2.1"), help="serve only this push protocol (repeatable)"
    )
    found.add_argument(
        "--scenario", action="append", choices=SCENARIOS, default=[], metavar="NAME",
        help="begin with this going wrong (repeatable); see below",
    )  # fmt: skip
    found.add_argument("--pause-in-silence", action="store_true", help="consoles send nothing while they are silent")
    found.add_argument(
        "--tls", type=Path, metavar="FILE",
        help="answer under Sony's own host names too, over TLS; its made-up certificate is written to FILE",
    )  # fmt: skip
    found.add_argument(
        "--way", action="append", type=_way, default=[], metavar="FACT=WAY",
        help="let an undecided fact fall this way (repeatable); --facts lists them",
    )  # fmt: skip
    found.add_argument("--draw-ways", type=int, metavar="SEED", help="draw the way of every undecided fact")
    found.add_argument("--facts", action="store_true", help="print what each behaviour rests on, and how sure that is")
    found.add_argument("--log-level", choices=("debug", "info", "warning", "error"), default="info")
    found.add_argument(
        "--managed", action="store_true", help="take port and consoles from partyline's settings (under supervisord)"
    )
    return found


def _way(text: str) -> tuple[str, str]:
    name, _, way = text.partition("=")
    try:
        Ways({name: way})
    except BadWay as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return name, way


def main() -> int:
    arguments = parser().parse_args()
    if arguments.facts:
        sys.stdout.write(f"{len(FACTS)} facts.\n\n{table()}\n")
        return 0
    paths = Paths.of_environment()
    log = logs.setup("simulator", arguments.log_level)
    try:
        paths.make()
        settings = load(paths) if arguments.managed else Settings()
    except (SettingsError, OSError) as error:
        log.error("cannot start", error=str(error), remedy=getattr(error, "remedy", "Check $PARTYLINE_HOME."))  # noqa: TRY400  # a sentence
        return EXIT_SETTINGS
    if arguments.managed and (reason := _not_needed(settings)):
        log.info("not needed", reason=reason)
        return 0
    if arguments.managed:
        arguments.port, arguments.consoles = settings.simulator.port, settings.simulator.consoles
    if not 1 <= arguments.consoles <= len(CAST):
        log.error("cannot start", error=f"{arguments.consoles} consoles", remedy=f"Ask for 1 to {len(CAST)}.")
        return EXIT_SETTINGS
    info_file = arguments.info or paths.simulator_file
    info_file.parent.mkdir(parents=True, exist_ok=True)
    with only_one(info_file.parent, f".{info_file.name}") as alone:
        if not alone:
            log.error("already running", file=str(info_file), remedy="Stop the other one, or give another --info.")
            return EXIT_RUNNING
        return _serve(arguments, settings.psn, info_file, log.info)


def _not_needed(settings: Settings) -> str:
    if settings.psn.realm == "playstation":
        return "the realm is playstation"
    division = settings.split.division()
    return "" if division is None or division.is_here("simulator") else f"the party is on {division.machine}"


def _serve(arguments: argparse.Namespace, psn: PsnSettings, info_file: Path, say: Callable[..., object]) -> int:
    _go_first()
    options = Options(
        psn=psn,
        access_life_s=arguments.token_life,
        presence_s=arguments.presence_timeout,
        keep_alive_s=arguments.keep_alive,
        calls_in_15_min=arguments.rate_limit,
        pause_in_silence=arguments.pause_in_silence,
        push_versions=tuple(arguments.push_version or ("3.0", "2.1")),
        ways=dict(arguments.way),
        draw_ways=arguments.draw_ways,
    )
    ports = (arguments.port,) if arguments.port else tuple({_last_port(info_file): None, 0: None})
    try:
        asyncio.run(_live(options, arguments, ports, info_file, say))
    except OSError as error:
        sys.stderr.write(f"The simulator cannot listen: {error}.\nGive another --port, or none.\n")
        return 1
    return 0


def _go_first() -> None:
    """Raise the process priority where permitted. Real consoles do not share a CPU with the pipeline."""
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, _NICENESS)


async def _live(
    options: Options,
    arguments: argparse.Namespace,
    ports: tuple[int, ...],
    info_file: Path,
    say: Callable[..., object],
) -> None:
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    tls = certificate(options.psn, arguments.tls) if arguments.tls else None
    cast = {"consoles": arguments.consoles, "own_console": arguments.own_console}
    async with serving(options, **cast, ports=ports, tls=tls) as running:
        for name in arguments.scenario:
            SCENARIOS[name].set_off(running.world)
        gc.collect()
        gc.freeze()  # a full collection over all imported objects would delay the voice packets by 40 ms
        write_atomically(info_file, msgspec.json.encode(_told(running, arguments.tls)))
        try:
            if not arguments.managed:
                _print(running, info_file)
            say("serving", port=running.port, consoles=arguments.consoles, info=str(info_file))
            await _until(stopping)
        finally:
            info_file.unlink(missing_ok=True)  # noqa: ASYNC240  # at shutdown, nothing else waits
            _keep_port(info_file, running.port)
    say("stopped")


def _told(running: Running, certificate_file: Path | None) -> SimulatorInfo:
    file = str(certificate_file.absolute()) if certificate_file else ""
    return msgspec.structs.replace(running.info, tls_file=file)


async def _until(stopping: asyncio.Event) -> None:
    """Return on a stop request, or when the parent supervisord is gone."""
    parent = os.getppid()
    while not stopping.is_set():
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_PARENT_S):
                await stopping.wait()
        if "SUPERVISOR_ENABLED" in os.environ and os.getppid() != parent:
            return


def _print(running: Running, info_file: Path) -> None:
    info = msgspec.structs.asdict(running.info)
    lines = [f"{key:<16} {value}" for key, value in info.items()]
    sys.stdout.write("\n".join(["The simulated PlayStation Network is up:", *lines, f"also in {info_file}", ""]))
    sys.stdout.flush()


def _port_file(info_file: Path) -> Path:
    return info_file.with_suffix(".port")


def _last_port(info_file: Path) -> int:
    """Return the last run's port, 0 for none.

    A killed run leaves its info file, an orderly one its port file.
    """
    with contextlib.suppress(OSError, IndexError, *UNUSABLE):
        info = msgspec.json.decode(info_file.read_bytes(), type=SimulatorInfo)
        return int(info.control_url.rsplit(":", 1)[1].partition("/")[0])
    with contextlib.suppress(OSError, ValueError):
        return int(_port_file(info_file).read_text())
    return 0


def _keep_port(info_file: Path, port: int) -> None:
    write_atomically(_port_file(info_file), str(port).encode())


if __name__ == "__main__":
    sys.exit(main())
