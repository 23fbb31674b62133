"""`partyline obs setup`, `status`, `test` and `remove`: by the obs worker, or without a pipeline by the same engine."""

from __future__ import annotations

import argparse
import sys
from typing import Any

import msgspec

from cli.obs.direct import check_once, remove_once, set_up_once
from cli.obs.lip_sync.command import arguments as lip_sync_arguments
from cli.obs.lip_sync.command import lip_sync
from cli.obs.overlay import arguments as overlay_arguments
from cli.obs.overlay import overlay
from cli.shared import far
from cli.shared.command import Command, json_option, part
from cli.shared.connect import ask_once, run
from cli.shared.failures import FAILED, OK, CommandError, NotRunningError, UsageError
from cli.shared.terminal import Style, Table, counted, echo, echo_json, printable
from common.basic.values import ObsRoute
from common.config.pages import certificate_url
from common.config.settings import is_loopback, load
from common.config.tables import Settings
from common.files.paths import Paths
from common.messages import ObsRemark, ObsSetup, ObsSource, ObsState
from common.obs.judge.remarks import HEARD_DB
from common.obs.plan import BROWSER, NO_BROWSER
from common.requests import CheckObs, ObsChanged, ObsTestResult, RemoveFromObs, SetUpObs, TestObs
from common.system.hostname import local_name

OBS_S = 60.0
"""Time limit of a request to the obs worker, which makes many calls to OBS for many members."""


LOWERED_BY: dict[str, str] = {
    "sidechain": "OBS's own compressor lowers it while the party speaks, and lets it go whatever becomes of partyline.",
    "volume": "partyline moves a gain filter on it while the party speaks, since OBS's compressor can listen to one "
    "source only, and has no effect on macOS' captures. If partyline is killed meanwhile, it is back within 10 s.",
}


FAR = frozenset(("set_up", "show", "remove"))
"""Actions that work with `--at`: OBS is here, and the pages are the other machine's."""


def execute(args: argparse.Namespace) -> int:
    if far.machine() and args.do.__name__ not in FAR:
        raise UsageError("partyline --at: of `obs` only setup, status and remove work.", "Run the others there.")
    status_code: int = args.do(args)
    return status_code


# --- setup ------------------------------------------------------------------------------------------


def set_up(args: argparse.Namespace) -> int:
    ways: dict[ObsRoute, bool] = {"each": args.each, "stream": args.stream, "device": args.device is not None}
    chosen = [way for way, is_chosen in ways.items() if is_chosen]
    if len(chosen) > 1:
        raise CommandError(
            f"partyline obs setup: --{chosen[0]} and --{chosen[1]} exclude each other.",
            "Use one of them. A stream or a device carries the mix of all members.",
        )
    route: ObsRoute = chosen[0] if chosen else "mix"
    setup = ObsSetup(
        route=route,
        overlay=args.overlay,
        scene=args.scene,
        tracks=args.tracks,
        duck=args.duck is not None,
        duck_source=args.duck or "",
        device=args.device or "",
    )
    changed = run(_set_up(setup))
    for change in changed.changes:
        echo(f"{printable(change.name)}: {change.done}.")
    _echo_remarks(changed.notes)
    if changed.state.ducked_by:
        echo(f"{printable(setup.duck_source)}: {LOWERED_BY[changed.state.ducked_by]}")
    if far.machine():
        words = f"partyline --at {printable(far.machine())} dashboard --print"
        echo(f"OBS gets sound and overlay while `{words}` runs on this machine. Start it now.")
    for line in for_far_obs(load()):
        echo(line)
    echo("Monitoring is off, so OBS does not play the sources to you. `partyline obs status` shows their state.")
    return OK


def for_far_obs(settings: Settings) -> list[str]:
    """Return what is left to do where OBS runs on another machine."""
    if is_loopback(settings.obs.host) or far.machine():
        return []
    page = certificate_url(local_name(), settings.dashboard.port)
    return [f"That OBS shows the pages once its machine trusts the certificate: open {page} there, then restart OBS."]


async def _set_up(setup: ObsSetup) -> ObsChanged:
    if far.machine():
        return await set_up_once(Paths.of_environment(), setup)
    try:
        return await ask_once(SetUpObs(**msgspec.structs.asdict(setup)), OBS_S)
    except NotRunningError:
        return await set_up_once(Paths.of_environment(), setup)


# --- status -----------------------------------------------------------------------------------------


def show(args: argparse.Namespace) -> int:
    state = run(_check())
    if state.problem:
        raise CommandError(state.problem, state.remedy, code=state.problem_code)
    if args.json:
        echo_json(_plain(state))
        return OK
    echo(f"OBS {state.version} with obs-websocket {state.websocket_version}.")
    if not state.has_browser:
        echo(NO_BROWSER)
    if not state.sources:
        echo("OBS has no source of partyline. `partyline obs setup` adds them.")
        return OK
    for line in Table(["SOURCE", "IN SCENES", "VOLUME", "SOUND NOW"], [_row(one) for one in state.sources]).lines(
        Style.of(sys.stdout)
    ):
        echo(line)
    _echo_of_sources(state.sources)
    _echo_remarks(state.remarks)
    return OK


async def _check() -> ObsState:
    if far.machine():
        return await check_once(Paths.of_environment())
    try:
        return await ask_once(CheckObs(), OBS_S)
    except NotRunningError:
        return await check_once(Paths.of_environment())


def _plain(state: ObsState) -> dict[str, Any]:
    """Return the state as JSON, with the fields of earlier versions."""
    return {
        "obs_version": state.version,
        "websocket_version": state.websocket_version,
        "browser": state.has_browser,
        "standings": [
            {
                "source": {"name": one.name, "kind": "" if one.carries in ("device", "stream") else BROWSER},
                "scenes": list(one.scenes),
                "muted": one.muted,
                "volume_db": one.volume_db,
                "peak_db": one.peak_db,
                "monitored": _has(one, "monitored"),
                "outdated": _has(one, "old-address"),
                "remarks": [_words(remark) for remark in one.remarks],
            }
            for one in state.sources
        ],
        "desktop_audio": [one.message for one in state.remarks if one.code == "double-sound"],
        "state": msgspec.to_builtins(state),
    }


def _has(source: ObsSource, code: str) -> bool:
    return any(remark.code == code for remark in source.remarks)


def _row(source: ObsSource) -> list[str]:
    sound = "none" if source.peak_db < HEARD_DB else f"{source.peak_db:.0f} dBFS"
    return [
        printable(source.name),
        printable(", ".join(source.scenes)) or "none",
        "muted" if source.muted else f"{source.volume_db:.1f} dB",
        sound if source.carries != "overlay" else "",
    ]


def _echo_of_sources(sources: tuple[ObsSource, ...]) -> None:
    for source in sources:
        for remark in source.remarks:
            echo(f"{printable(source.name)} {_words(remark)}")


def _echo_remarks(remarks: tuple[ObsRemark, ...]) -> None:
    for remark in remarks:
        echo(_words(remark))


def _words(remark: ObsRemark) -> str:
    message = printable(remark.message)
    return f"{message if message.endswith('.') else message + '.'} {remark.remedy}".rstrip()


# --- test, remove -----------------------------------------------------------------------------------


def test_tone(args: argparse.Namespace) -> int:
    found: ObsTestResult = run(ask_once(TestObs(), OBS_S))
    if args.json:
        echo_json(msgspec.to_builtins(found))
        return OK if found.heard else FAILED
    echo(f"{printable(found.message)} {found.remedy}".rstrip())
    _echo_of_sources(tuple(one for one in found.sources if one.peak_db < HEARD_DB))
    if found.also_heard_in:
        names = printable(" and ".join(found.also_heard_in))
        echo(f"{names} carried the test tone too, so the voices are on the stream twice. Mute one of the two.")
    return OK if found.heard else FAILED


def remove(_args: argparse.Namespace) -> int:
    changed = run(_remove())
    names = [printable(change.name) for change in changed.changes]
    echo(f"Removed {counted(len(names), 'source')} from OBS{': ' + ', '.join(names) if names else ''}.")
    return OK


async def _remove() -> ObsChanged:
    if far.machine():
        return await remove_once(Paths.of_environment())
    try:
        return await ask_once(RemoveFromObs(), OBS_S)
    except NotRunningError:
        return await remove_once(Paths.of_environment())


def _arguments(parser: argparse.ArgumentParser) -> None:
    parts = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    one = part(parts, "setup", "create or update the sources", set_up)
    one.add_argument("--scene", default="", help="scene for the sources (default: the scene on air)")
    one.add_argument("--each", action="store_true", help="create a source for each member, also for newcomers")
    one.add_argument(
        "--stream", action="store_true",
        help="use a Media Source instead of a page: where the Browser Source crackles, or OBS has none",
    )  # fmt: skip
    one.add_argument(
        "--device", nargs="?", const="", metavar="NAME",
        help="capture this sound device instead of a page (part of its name; default: what plays now, or BlackHole)",
    )  # fmt: skip
    one.add_argument(
        "--no-overlay", dest="overlay", action="store_false", help="create no overlay that shows who speaks"
    )
    one.add_argument("--tracks", action="store_true", help="give each member one of OBS's audio tracks 2 to 6")
    one.add_argument("--duck", metavar="NAME", help="lower this source in OBS (the game's) while the party speaks")
    one = part(parts, "status", "show the sources in OBS, and whether sound arrives there", show)
    json_option(one)
    one = part(parts, "test", "play a test tone of 3 s, and tell what OBS's meters showed", test_tone)
    json_option(one)
    one = part(parts, "overlay", "put the overlay that shows who speaks into OBS, or take it out", overlay)
    overlay_arguments(one)
    one = part(parts, "lipsync", "compare your microphone in OBS with your voice in the party", lip_sync)
    lip_sync_arguments(one)
    json_option(one)
    part(parts, "remove", "remove the sources and filters from OBS", remove)


COMMANDS = {
    "obs": Command(
        description="Add the party's voices and an overlay to OBS as sources. Nothing else in OBS is changed, unless "
        "you name a source to be lowered.",
        example="partyline obs setup --scene Game",
        run=execute,
        arguments=_arguments,
    ),
}
