"""A game in OBS that a pipeline left lowered, brought back when nothing else does it."""

from __future__ import annotations

import asyncio

from cli.shared.terminal import listed, printable
from common.config.settings import load
from common.errors import PartylineError
from common.files.paths import Paths
from common.obs.lowered import give_back
from common.obs.memory import ObsMemoryFile


def give_back_lines(paths: Paths) -> list[str]:
    """Bring it back, after the pipeline's end. Return lines for the user, if there was anything to do.

    An OBS that cannot be reached says nothing here: `partyline doctor` and the next start look again.
    """
    try:
        names = asyncio.run(give_back(load(paths).obs, ObsMemoryFile(paths.state / "obs.json", must=True)))
    except (PartylineError, OSError):
        return []
    if not names:
        return []
    what = listed([f"“{printable(name)}”" for name in names])
    return [f"{what} was still lowered in OBS. It has its volume again."]
