"""OBS without a pipeline: the same engine as the obs worker's, for once."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from cli.shared import far
from cli.shared.failures import CommandError
from cli.shared.pages.far_dashboard import base_at, keys_of_machine
from common.config.pages import FAR_PORT
from common.config.settings import load
from common.config.tables import Settings
from common.files.paths import Paths
from common.messages import ObsSetup, ObsState
from common.obs import page_urls
from common.obs.change.devices import is_on_mac, usual_devices
from common.obs.change.game import set_gain
from common.obs.connection import connect
from common.obs.memory import ObsMemoryFile
from common.obs.overlay import put_overlay, take_overlay
from common.obs.setup import Studio, remove, set_up
from common.obs.status import LISTEN_S, read_state
from common.requests import ObsChanged, PutOverlayIntoObs


@asynccontextmanager
async def _studio(paths: Paths, *, meters: bool = False) -> AsyncIterator[Studio]:
    settings = load()
    paths.make()
    memory = ObsMemoryFile(paths.state / "obs.json", must=True)
    async with connect(settings.obs, meters=meters) as obs:
        url = await _urls(paths, settings, obs.own_address)
        usual = usual_devices("", settings.audio.device, is_mac=sys.platform == "darwin")
        studio = Studio(obs, memory, url, usual=usual, on_mac=is_on_mac(await obs.call("GetVersion")))
        yield studio


async def _urls(paths: Paths, settings: Settings, own_address: str) -> Callable[[str, str], str]:
    """Return what makes the addresses of the pages, of this machine or of the one that `--at` names."""
    if not far.machine():
        return await asyncio.to_thread(page_urls.maker, paths, settings, own_address)
    if own_address:
        raise CommandError(
            "OBS runs on another machine, and the pages of a paired machine are brought to this one only.",
            "Run the command on the machine of OBS. It has to be paired too.",
        )
    keys = await keys_of_machine(paths, FAR_PORT)
    return page_urls.maker_at(base_at(FAR_PORT), keys.read)


async def set_up_once(paths: Paths, setup: ObsSetup) -> ObsChanged:
    """Set OBS up. Raises `PartylineError`."""
    if setup.route == "each" and far.machine():
        raise CommandError("A source for each member needs a pipeline on this machine.", "Leave `--each` out.")
    if setup.route == "each":
        raise CommandError(
            "The pipeline is not running, so the members are unknown.", "Run `partyline up`, then try again."
        )
    async with _studio(paths) as studio:
        changes, notes = await set_up(studio, setup)
        return ObsChanged(state=await read_state(studio, {}), changes=tuple(changes), notes=tuple(notes))


async def check_once(paths: Paths) -> ObsState:
    """Return the state of OBS. Raises `PartylineError`.

    A game that was lowered when the pipeline ended hard gets its volume back.
    """
    async with _studio(paths, meters=True) as studio:
        levels = await studio.obs.levels(LISTEN_S)
        state = await read_state(studio, levels)
        if state.ducked_by == "volume":
            await set_gain(studio.obs, studio.memory, 0.0)
        return state


async def remove_once(paths: Paths) -> ObsChanged:
    """Take out what is ours. Raises `PartylineError`."""
    async with _studio(paths) as studio:
        return ObsChanged(state=ObsState(), changes=tuple(await remove(studio.obs, studio.memory)))


async def put_overlay_once(paths: Paths, wanted: PutOverlayIntoObs) -> ObsChanged:
    """Put the overlay into OBS, or change it there. Raises `PartylineError`."""
    async with _studio(paths) as studio:
        changes = await put_overlay(studio, wanted)
        return ObsChanged(state=await read_state(studio, {}), changes=tuple(changes))


async def take_overlay_once(paths: Paths) -> ObsChanged:
    """Take the overlay out of OBS. Raises `PartylineError`."""
    async with _studio(paths) as studio:
        changes = await take_overlay(studio.obs, studio.memory)
        return ObsChanged(state=await read_state(studio, {}), changes=tuple(changes))
