"""How bad it is that no device plays: a fault, or none while a page plays the voices. No I/O."""

from __future__ import annotations

from typing import Literal, NamedTuple

from common.messages import Health
from workers.audio.sinks import SinkError
from workers.audio.sinks.device import CODE

NO_DEVICE_NEEDED = "`partyline config set audio.sink null`, then `partyline restart audio`"


class Told(NamedTuple):
    """The problem as it is published, and the worker's health."""

    message: str
    remedy: str
    severity: Literal["note", "error"]
    health: Health


def told(error: SinkError, listeners: int) -> Told:
    """Return what to tell of a sink that does not play while so many pages do."""
    if error.code != CODE:
        return Told(error.message, error.remedy, "error", "degraded")
    if not listeners:
        remedy = f"{error.remedy} If only OBS is to play, no device is needed: {NO_DEVICE_NEEDED}."
        return Told(error.message, remedy, "error", "degraded")
    pages = "1 page plays" if listeners == 1 else f"{listeners} pages play"
    remedy = f"Nothing has to be done, if that is OBS's page. To have no device for good: {NO_DEVICE_NEEDED}."
    return Told(f"{pages} the voices, and no sound device does. {error.message}", remedy, "note", "running")
