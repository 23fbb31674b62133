"""`partyline obs overlay`: the overlay in OBS, as `/overlay-setup` put it together."""

from __future__ import annotations

import argparse

from cli.obs.direct import put_overlay_once, take_overlay_once
from cli.shared.command import json_option
from cli.shared.connect import ask_once, run
from cli.shared.failures import OK, NotRunningError
from cli.shared.terminal import echo, echo_json, printable
from common.files.paths import Paths
from common.messages import ObsSource
from common.requests import ObsChanged, PutOverlayIntoObs, TakeOverlayFromObs

OVERLAY_S = 30.0
"""Time limit of a request to the obs worker, which makes few calls to OBS for it."""


def overlay(args: argparse.Namespace) -> int:
    changed = run(_take() if args.remove else _put(PutOverlayIntoObs(look=args.look, scene=args.scene)))
    there = [source for source in changed.state.sources if source.carries == "overlay"]
    if args.json:
        changes = [{"name": change.name, "done": change.done} for change in changed.changes]
        echo_json({"changes": changes, "overlays": [{"name": one.name, "scenes": list(one.scenes)} for one in there]})
        return OK
    for change in changed.changes:
        echo(f"{printable(change.name)}: {change.done}.")
    echo(where(there))
    return OK


def where(there: list[ObsSource]) -> str:
    if not there:
        return "OBS has no overlay of partyline now."
    scenes = printable(", ".join(there[0].scenes)) or "none, so it is not seen"
    return f"It is in the scenes: {scenes}. `partyline dashboard` opens the page that sets its look up."


async def _put(wanted: PutOverlayIntoObs) -> ObsChanged:
    try:
        return await ask_once(wanted, OVERLAY_S)
    except NotRunningError:
        return await put_overlay_once(Paths.of_environment(), wanted)


async def _take() -> ObsChanged:
    try:
        return await ask_once(TakeOverlayFromObs(), OVERLAY_S)
    except NotRunningError:
        return await take_overlay_once(Paths.of_environment())


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "look",
        nargs="?",
        metavar="LOOK",
        help="address of the overlay from `/overlay-setup`, or what follows its `?` (default: as it is)",
    )
    parser.add_argument("--scene", default="", help="scene for it (default: the scene on air)")
    parser.add_argument("--remove", action="store_true", help="take it out of OBS, and nothing else")
    json_option(parser)
