"""`partyline obs setup`, `status` and `remove`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from cli.obs import connection, page_urls, setup, status
from cli.obs.plan import BROWSER, OVERLAY_PAGE, VOICES_PAGE, Source, Step, Way
from cli.shared.command import Command, json_option, part
from cli.shared.connect import open_bus, run, snapshot
from cli.shared.failures import OK, CommandError
from cli.shared.output import Style, Table, counted, printable, say, say_json
from common.config.settings import load
from common.config.tables import Settings
from common.errors import BusUnreachableError
from common.files.paths import Paths

NO_BROWSER = (
    "This OBS has no Browser Source: its build lacks obs-browser (Linux distributions' builds often do).",
    "Use the official build of OBS, or a sound device: `partyline obs setup --device NAME`.",
)
_DONE = {"create": "made", "update": "brought up to date", "keep": "is right as it is", "remove": "taken out"}
_MAC_DEVICE = setup.BLACKHOLE


def execute(args: argparse.Namespace) -> int:
    status_code: int = args.do(args)
    return status_code


# --- setup ------------------------------------------------------------------------------------------


def set_up(args: argparse.Namespace) -> int:
    if args.device is not None and args.each:
        raise CommandError("--each and --device do not go together.", "A device carries the mix of all.")
    steps = run(_set_up(args))
    for step in steps:
        say(f"{step.source.name}: {_DONE[step.do]}.")
    say("OBS does not play them back to you (monitoring is off). `partyline obs status` looks after them.")
    return OK


async def _set_up(args: argparse.Namespace) -> list[Step]:
    paths, settings = Paths.of_environment(), load()
    way: Way = "device" if args.device is not None else "each" if args.each else "mix"
    members = await _members(paths) if way == "each" else []
    async with connection.connect(settings.obs) as obs:
        browser = BROWSER in await setup.kinds(obs)
        if not browser and way != "device":
            raise CommandError(*NO_BROWSER)
        wish = setup.Wish(
            way=way,
            pages=tuple(_sources(partial(page_urls.url, paths, settings), way, members, overlay=args.overlay))
            if browser
            else (),
            device=_device(args.device, settings),
            scene=args.scene,
        )
        return await setup.carry_out(obs, wish, setup.Made(_made_file(paths)))


def _device(asked: str | None, settings: Settings) -> str:
    return asked or settings.audio.device or (_MAC_DEVICE if sys.platform == "darwin" else "")


def _sources(url: Callable[[str, str], str], way: Way, members: list[str], *, overlay: bool) -> list[Source]:
    found = []
    if way == "mix":
        found.append(_voices("partyline voices", url(VOICES_PAGE, "")))
    elif way == "each":
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
            picture = await snapshot(bus)
    except BusUnreachableError as error:
        raise CommandError("The pipeline is not running, so nobody is known.", "`partyline up`, then again.") from error
    names = sorted(name for name, _ in picture.people().values())
    if not names:
        raise CommandError("Nobody else is in the party.", "Join one first: `partyline join`; then again.")
    return names


# --- status, remove ---------------------------------------------------------------------------------


def show(args: argparse.Namespace) -> int:
    paths, settings = Paths.of_environment(), load()
    overview = run(_look(paths, settings))
    if args.json:
        say_json(_plain(overview))
        return OK
    say(f"OBS {overview.obs_version} with obs-websocket {overview.websocket_version}.")
    if not overview.browser:
        say(NO_BROWSER[0])
    if not overview.standings:
        say("Nothing of partyline's is in OBS. `partyline obs setup` puts it there.")
        return OK
    rows = [_row(standing) for standing in overview.standings]
    for line in Table(["SOURCE", "IN SCENES", "VOLUME", "SOUND NOW"], rows).lines(Style.of(sys.stdout)):
        say(line)
    for standing in overview.standings:
        for remark in standing.remarks:
            say(f"{printable(standing.source.name)} {remark}.")
    if overview.desktop_audio:
        say(
            f"{' and '.join(overview.desktop_audio)}: on in OBS. If the voices also play on this machine's default "
            "device, the stream has them twice: mute one of the two."
        )
    return OK


async def _look(paths: Paths, settings: Settings) -> status.Overview:
    made = setup.Made(_made_file(paths)).names()
    async with connection.connect(settings.obs, meters=True) as obs:
        return await status.look(obs, made, partial(page_urls.url, paths, settings))


def _plain(overview: status.Overview) -> dict[str, Any]:
    """Without the addresses: each carries a key."""
    told = asdict(overview)
    told["standings"] = [
        {**asdict(one), "source": {"name": one.source.name, "kind": one.source.kind}, "remarks": one.remarks}
        for one in overview.standings
    ]
    return told


def _row(standing: status.Standing) -> list[str]:
    peak = standing.peak_db
    sound = "none" if peak is None or peak < status.HEARD_DB else f"{peak:.0f} dBFS"
    return [
        printable(standing.source.name),
        printable(", ".join(standing.scenes)) or "none",
        "muted" if standing.muted else f"{standing.volume_db:.1f} dB",
        sound if standing.source.page is None or standing.source.page[0] == VOICES_PAGE else "",
    ]


def take_out(_args: argparse.Namespace) -> int:
    names = run(_take_out(Paths.of_environment(), load()))
    say(f"{counted(len(names), 'source')} taken out of OBS{': ' + ', '.join(names) if names else ''}.")
    return OK


async def _take_out(paths: Paths, settings: Settings) -> list[str]:
    async with connection.connect(settings.obs) as obs:
        return await setup.remove(obs, setup.Made(_made_file(paths)))


def _made_file(paths: Paths) -> Path:
    paths.make()
    return paths.state / "obs.json"


def _arguments(parser: argparse.ArgumentParser) -> None:
    parts = parser.add_subparsers(title="what to do", metavar="WHAT", required=True)
    one = part(parts, "setup", "make the sources, or bring them up to date", set_up)
    one.add_argument("--scene", default="", help="the scene to put them into (default: the one on air)")
    one.add_argument("--each", action="store_true", help="a source for each member who is here now, not the mix")
    one.add_argument(
        "--device", nargs="?", const="", metavar="NAME",
        help="capture this sound device, not a page (part of its name; on a Mac BlackHole, if none is named)",
    )  # fmt: skip
    one.add_argument("--no-overlay", dest="overlay", action="store_false", help="no source that shows who speaks")
    one = part(parts, "status", "tell how they stand in OBS, and whether sound arrives there", show)
    json_option(one)
    part(parts, "remove", "take them out of OBS", take_out)


COMMANDS = {
    "obs": Command(
        description="Put the party's voices, and who speaks, into OBS as sources. Nothing else in OBS is touched.",
        example="partyline obs setup --scene Game",
        run=execute,
        arguments=_arguments,
    ),
}
