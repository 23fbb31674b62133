"""How bad it is that no device plays: a fault, or none while a page plays the voices."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, Protocol

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


class Teller(Protocol):
    """What is needed of the worker."""

    def publish_problem(self, code: str, message: str, remedy: str, **more: Any) -> None: ...

    def set_health(self, state: Health, detail: str = "") -> None: ...


class SinkFault:
    """Why the wanted sink does not play, told anew when the number of listening pages changes."""

    def __init__(self, worker: Teller) -> None:
        self._worker = worker
        self._error: SinkError | None = None
        self._listeners = 0

    def set(self, error: SinkError) -> None:
        self._error = error
        what = told(error, self._listeners)
        self._worker.publish_problem(error.code, what.message, what.remedy, severity=what.severity)
        self._worker.set_health(what.health, what.message)

    def clear(self) -> None:
        self._error = None

    def on_listeners(self, count: int) -> None:
        if count != self._listeners:
            self._listeners = count
            if self._error is not None:
                self.set(self._error)
