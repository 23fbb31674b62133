"""`partyline obs setup`, `status` and `remove`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from cli.shared.command import Command, json_option, part
from cli.shared.connect import open_bus, run, snapshot
from cli.shared.failures import OK, CommandError
from cli.shared.terminal import Style, Table, counted, echo, echo_json, printable
from common.basic.values import ObsRoute
from common.config.settings import load
from common.config.tables import Settings
from common.errors import BusUnreachableError
from common.files.paths import Paths
from common.messages import Devices
from common.obs import connection, page_urls, setup, status
from common.obs.plan import BROWSER, OVERLAY_PAGE, VOICES_PAGE, Change, Source

NO_BROWSER = (
    "This build of OBS has no Browser Source. The obs-browser plugin is missing, as in many Linux distributions.",
    "Use the official build of OBS, or a sound device (`partyline obs setup --device NAME`).",
)
_DONE = {"create": "created", "update": "updated", "keep": "unchanged", "remove": "removed"}


def execute(args: argparse.Namespace) -> int:
    status_code: int = args.do(args)
    return status_code


# --- setup ------------------------------------------------------------------------------------------


def set_up(args: argparse.Namespace) -> int:
    if args.device is not None and args.each:
        raise CommandError(
            "partyline obs setup: --each and --device exclude each other.",
            "Use one of them. A device carries the mix of all members.",
        )
    changes, asks_on_mac = run(_set_up(args))
    for change in changes:
        echo(f"{change.source.name}: {_DONE[change.do]}.")
    if asks_on_mac:
        echo(f"macOS may ask whether OBS may use the microphone. {status.MICROPHONE}")
    echo("Monitoring is off, so OBS does not play the sources to you. `partyline obs status` shows their state.")
    return OK


async def _set_up(args: argparse.Namespace) -> tuple[list[Change], bool]:
    """Return the changes, and whether macOS may ask for the microphone because of them."""
    paths, settings = Paths.of_environment(), load()
    route: ObsRoute = "device" if args.device is not None else "each" if args.each else "mix"
    members = await _members(paths) if route == "each" else []
    playing = await _playing(paths) if route == "device" else ""
    async with connection.connect(settings.obs) as obs:
        browser = BROWSER in await setup.kinds(obs)
        if not browser and route != "device":
            raise CommandError(*NO_BROWSER)
        request = setup.SetupRequest(
            route=route,
            pages=tuple(_sources(partial(page_urls.url, paths, settings), route, members, overlay=args.overlay))
            if browser
            else (),
            device=args.device or "",
            usual=_usual(playing, settings.audio.device, is_mac=sys.platform == "darwin"),
            playing=playing,
            scene=args.scene,
        )
        changes = await setup.carry_out(obs, request, setup.MadeSources(_made_file(paths)))
        return changes, route == "device" and setup.is_on_mac(await obs.call("GetVersion"))


def _usual(playing: str, configured: str, *, is_mac: bool) -> tuple[str, ...]:
    """Return the devices to look for if none was named: what plays now, the setting, and on a Mac BlackHole."""
    return tuple(name for name in (playing, configured, setup.BLACKHOLE if is_mac else "") if name)


async def _playing(paths: Paths) -> str:
    """Return the device that audio plays on now. Empty without a pipeline, or with another sink."""
    try:
        async with open_bus(paths) as bus:
            found = next((received.message for received in await bus.snapshot(Devices)), None)
    except BusUnreachableError:
        return ""
    return found.current if isinstance(found, Devices) else ""


def _sources(url: Callable[[str, str], str], route: ObsRoute, members: list[str], *, overlay: bool) -> list[Source]:
    found = []
    if route == "mix":
        found.append(_voices("partyline voices", url(VOICES_PAGE, "")))
    elif route == "each":
        found += [_voices(f"partyline {name}", url(VOICES_PAGE, name)) for name in members]
    if overlay:
        settings = {"url": url(OVERLAY_PAGE, ""), "width": 420, "height": 720}
        found.append(Source("partyline overlay", BROWSER, settings))
    return found


def _voices(name: str, url: str) -> Source:
    """Return a page that sounds, and shows next to nothing."""
    return Source(name, BROWSER, {"url": url, "width": 320, "height": 60, "reroute_audio": True})


async def _members(paths: Paths) -> list[str]:
    try:
        async with open_bus(paths) as bus:
            bus_state = await snapshot(bus)
    except BusUnreachableError as error:
        raise CommandError(
            "The pipeline is not running, so the members are unknown.", "Run `partyline up`, then try again."
        ) from error
    names = sorted(name for name, _ in bus_state.people().values())
    if not names:
        raise CommandError("Nobody else is in a party with you.", "Join a party with `partyline join`, then try again.")
    return names


# --- status, remove ---------------------------------------------------------------------------------


def show(args: argparse.Namespace) -> int:
    paths, settings = Paths.of_environment(), load()
    overview = run(_read_state(paths, settings))
    if args.json:
        echo_json(_plain(overview))
        return OK
    echo(f"OBS {overview.obs_version} with obs-websocket {overview.websocket_version}.")
    if not overview.browser:
        echo(NO_BROWSER[0])
    if not overview.sources:
        echo("OBS has no source of partyline. `partyline obs setup` adds them.")
        return OK
    rows = [_row(state) for state in overview.sources]
    for line in Table(["SOURCE", "IN SCENES", "VOLUME", "SOUND NOW"], rows).lines(Style.of(sys.stdout)):
        echo(line)
    for state in overview.sources:
        for remark in state.remarks:
            echo(f"{printable(state.source.name)} {remark}.")
    if overview.desktop_audio:
        echo(
            f"{' and '.join(overview.desktop_audio)} is on in OBS. If the voices also play on this machine's default "
            "device, the stream carries them twice. Mute one of the two."
        )
    return OK


async def _read_state(paths: Paths, settings: Settings) -> status.Overview:
    made = setup.MadeSources(_made_file(paths)).names()
    async with connection.connect(settings.obs, meters=True) as obs:
        return await status.read_state(obs, made, partial(page_urls.url, paths, settings))


def _plain(overview: status.Overview) -> dict[str, Any]:
    """Without the addresses: each carries a key."""
    plain = asdict(overview)
    del plain["sources"]
    plain["standings"] = [
        {**asdict(one), "source": {"name": one.source.name, "kind": one.source.kind}, "remarks": one.remarks}
        for one in overview.sources
    ]
    return plain


def _row(state: status.SourceState) -> list[str]:
    sound = "none" if state.is_silent else f"{state.peak_db:.0f} dBFS"
    return [
        printable(state.source.name),
        printable(", ".join(state.scenes)) or "none",
        "muted" if state.muted else f"{state.volume_db:.1f} dB",
        sound if state.source.page is None or state.source.page[0] == VOICES_PAGE else "",
    ]


def remove(_args: argparse.Namespace) -> int:
    names = run(_remove(Paths.of_environment(), load()))
    echo(f"Removed {counted(len(names), 'source')} from OBS{': ' + ', '.join(names) if names else ''}.")
    return OK


async def _remove(paths: Paths, settings: Settings) -> list[str]:
    async with connection.connect(settings.obs) as obs:
        return await setup.remove(obs, setup.MadeSources(_made_file(paths)))


def _made_file(paths: Paths) -> Path:
    paths.make()
    return paths.state / "obs.json"


def _arguments(parser: argparse.ArgumentParser) -> None:
    parts = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    one = part(parts, "setup", "create or update the sources", set_up)
    one.add_argument("--scene", default="", help="scene for the sources (default: the scene on air)")
    one.add_argument("--each", action="store_true", help="create a source for each present member, instead of the mix")
    one.add_argument(
        "--device", nargs="?", const="", metavar="NAME",
        help="capture this sound device instead of a page (part of its name; default: what plays now, or BlackHole)",
    )  # fmt: skip
    one.add_argument(
        "--no-overlay", dest="overlay", action="store_false", help="create no overlay that shows who speaks"
    )
    one = part(parts, "status", "show the sources in OBS, and whether sound arrives there", show)
    json_option(one)
    part(parts, "remove", "remove the sources from OBS", remove)


COMMANDS = {
    "obs": Command(
        description="Add the party's voices and an overlay to OBS as sources. Nothing else in OBS is changed.",
        example="partyline obs setup --scene Game",
        run=execute,
        arguments=_arguments,
    ),
}
