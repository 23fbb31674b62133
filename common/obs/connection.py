"""The connection to OBS by obs-websocket 5 (simpleobsws). Every error has a message and a remedy."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import simpleobsws
import websockets
from websockets.exceptions import InvalidHandshake, InvalidMessage, WebSocketException

from common.config.tables import ObsSettings
from common.errors import PartylineError
from common.obs import own_settings

HELLO_S = 5.0
CALL_S = 10.0
NOT_FOUND = 600
"""obs-websocket's code for a resource that does not exist (RequestStatus::ResourceNotFound)."""
WRONG_PASSWORD = 4009
"""obs-websocket's close code AuthenticationFailed."""
_VOLUME_METERS = 1 << 16
"""Event subscription InputVolumeMeters."""
_CHANGES = (1 << 0) | (1 << 1) | (1 << 2) | (1 << 3) | (1 << 7)
"""Event subscriptions General, Config, Scenes, Inputs and SceneItems: what the user does with sources in OBS."""
SILENCE_DB = -120.0
_SUBPROTOCOL = websockets.Subprotocol("obswebsocket.msgpack")


class ObsError(PartylineError):
    """OBS could not be reached, or refused."""

    code = "obs"


class ObsRefusedError(ObsError):
    """OBS refused one request."""

    code = "obs.refused"

    def __init__(self, request: str, status: int, comment: str) -> None:
        super().__init__(
            f"OBS refused {request}: {comment.rstrip('.') or f'code {status}'}.", "Check that source in OBS."
        )
        self.status = status


class _Client(simpleobsws.WebSocketClient):  # type: ignore[misc]  # it has no types
    """simpleobsws' client without the environment's proxy, since OBS is on this machine or in the local network."""

    async def connect(self) -> bool:
        """Connect as the library does (`identify` follows by itself). Raises what `websockets.connect` raises."""
        self.answers: dict[str, Any] = {}
        self.recv_task, self.identified, self.hello_message = None, False, None
        self.ws = await websockets.connect(
            self.url, subprotocols=[_SUBPROTOCOL], max_size=2**24, proxy=None, open_timeout=HELLO_S
        )
        self.ws_open = True
        self.recv_task = asyncio.create_task(self._ws_recv_task())
        return True


class ObsConnection:
    """A connection to OBS."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.own_address = own_address(client.ws.local_address, client.ws.remote_address)
        """Where OBS reaches this machine, or empty for an OBS on it."""

    async def call(self, request: str, **data: Any) -> dict[str, Any]:
        """Send a request to OBS. Return its answer's data. Raises `ObsRefusedError`, `ObsError`."""
        try:
            answer = await self._client.call(simpleobsws.Request(request, data or None), timeout=CALL_S)
        except (simpleobsws.MessageTimeout, simpleobsws.NotIdentifiedError, WebSocketException, OSError) as error:
            raise ObsError(
                f"OBS did not answer {request}.", "Check whether OBS hangs or shows a dialog.", code="obs.no-answer"
            ) from error
        if not answer.ok():
            raise ObsRefusedError(request, answer.requestStatus.code, answer.requestStatus.comment or "")
        return answer.responseData or {}

    async def find(self, request: str, **data: Any) -> dict[str, Any] | None:
        """Like `call`, but return None if what it is about is not there (any more). Raises `ObsError`."""
        try:
            return await self.call(request, **data)
        except ObsRefusedError as refusal:
            if refusal.status != NOT_FOUND:
                raise
            return None

    def on(self, event: str, do: Callable[[dict[str, Any]], Awaitable[None]]) -> None:
        """Call `do` with the data of each such event. The connection must subscribe to it (see `connect`)."""

        async def callback(data: dict[str, Any] | None) -> None:
            await do(data or {})

        self._client.register_event_callback(callback, event)

    async def wait_closed(self) -> None:
        """Return when the connection has ended, for whatever reason."""
        await self._client.recv_task

    async def levels(self, seconds: float) -> dict[str, float]:
        """Listen for `seconds`. Return source → highest peak in dBFS that OBS measured, for sources with sound."""
        meters = Meters()
        self._client.register_event_callback(meters.on_event, "InputVolumeMeters")
        await asyncio.sleep(seconds)
        self._client.deregister_event_callback(meters.on_event, "InputVolumeMeters")
        return meters.take()


class Meters:
    """The highest peak of each source since the last reading, of OBS's meters after the fader."""

    def __init__(self) -> None:
        self._peaks: dict[str, float] = {}

    async def on_event(self, data: dict[str, Any]) -> None:
        """Take the data of one event InputVolumeMeters. OBS sends one each 50 ms."""
        for source in data.get("inputs", ()):
            # of each channel: level after the fader, peak after the fader, peak before the fader
            linear = max((channel[1] for channel in source.get("inputLevelsMul", ())), default=0.0)
            name = source["inputName"]
            self._peaks[name] = max(self._peaks.get(name, 0.0), linear)

    def take(self) -> dict[str, float]:
        """Return source → dBFS, `SILENCE_DB` at least, and begin anew."""
        peaks, self._peaks = self._peaks, {}
        return {name: max(SILENCE_DB, _decibels(peak)) for name, peak in peaks.items()}


def _decibels(linear: float) -> float:
    return 20 * math.log10(linear) if linear > 0 else SILENCE_DB


def own_address(local: tuple[Any, ...] | None, remote: tuple[Any, ...] | None) -> str:
    """Return our end of a connection to another machine, or empty if both ends are here. Both are socket names."""
    if not local or not remote:
        return ""
    here, there = (ipaddress.ip_address(str(end[0]).partition("%")[0]) for end in (local, remote))
    return "" if here == there or there.is_loopback else str(getattr(here, "ipv4_mapped", None) or here)


def address(settings: ObsSettings) -> tuple[str, int, str]:
    """Return host, port and password, from the settings or else from OBS's own configuration on this machine."""
    own = own_settings.read(own_settings.folder())
    if own is not None and not own.enabled and not settings.port:
        raise ObsError(
            "OBS's WebSocket server is switched off.",
            "In OBS, enable it in Tools → WebSocket Server Settings, then try again.",
            code="obs.server-off",
        )
    port = settings.port or (own.port if own else 4455)
    return settings.host, port, settings.password or (own.password if own else "")


@asynccontextmanager
async def connect(
    settings: ObsSettings, *, meters: bool = False, changes: bool = False
) -> AsyncIterator[ObsConnection]:
    """Yield a connection, with events of the `meters` and of `changes` to scenes and sources. Raises `ObsError`."""
    host, port, password = address(settings)
    events = (_VOLUME_METERS if meters else 0) | (_CHANGES if changes else 0)
    subscriptions = simpleobsws.IdentificationParameters(eventSubscriptions=events)
    client = _Client(f"ws://{host}:{port}", password, subscriptions)
    try:
        async with asyncio.timeout(HELLO_S):
            await client.connect()
    except (TimeoutError, OSError, InvalidHandshake, InvalidMessage) as error:
        raise ObsError(
            f"OBS does not answer at {host}:{port}.",
            "Start OBS, and enable the server in Tools → WebSocket Server Settings. If OBS runs elsewhere, set "
            "[obs] host and port in partyline.toml.",
            code="obs.not-running",
        ) from error
    try:
        await _identified(client)
        yield ObsConnection(client)
    finally:
        with contextlib.suppress(WebSocketException, OSError):
            await client.disconnect()


async def _identified(client: Any) -> None:
    end = time.monotonic() + HELLO_S
    while not client.is_identified():
        code = client.ws.close_code
        if code == WRONG_PASSWORD:
            raise ObsError(
                "OBS refused the password.",
                "Copy it from OBS (Tools → WebSocket Server Settings → Show Connect Info) into [obs] password "
                "of partyline.toml.",
                code="obs.password",
            )
        if code is not None or time.monotonic() > end:
            raise ObsError(
                f"OBS refused the connection (code {code}).",
                "partyline needs obs-websocket 5, which is part of OBS 28 and later.",
                code="obs.too-old",
            )
        await asyncio.sleep(0.02)
