"""The connection to OBS by obs-websocket 5 (simpleobsws). Every error has a message and a remedy."""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections.abc import AsyncIterator
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
_SILENCE_DB = -100.0
_SUBPROTOCOL = websockets.Subprotocol("obswebsocket.msgpack")


class ObsError(PartylineError):
    """OBS could not be reached, or refused."""

    code = "obs"


class ObsRefusedError(ObsError):
    """OBS refused one request."""

    code = "obs.refused"

    def __init__(self, request: str, status: int, comment: str) -> None:
        super().__init__(f"OBS refused {request}: {comment or f'code {status}'}.", "Check that source in OBS.")
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

    async def call(self, request: str, **data: Any) -> dict[str, Any]:
        """Send a request to OBS. Return its answer's data. Raises `ObsRefusedError`, `ObsError`."""
        try:
            answer = await self._client.call(simpleobsws.Request(request, data or None), timeout=CALL_S)
        except (simpleobsws.MessageTimeout, WebSocketException, OSError) as error:
            raise ObsError(f"OBS did not answer {request}.", "Check whether OBS hangs or shows a dialog.") from error
        if not answer.ok():
            raise ObsRefusedError(request, answer.requestStatus.code, answer.requestStatus.comment or "")
        return answer.responseData or {}

    async def levels(self, seconds: float) -> dict[str, float]:
        """Listen for `seconds`. Return source → highest peak in dBFS that OBS measured, for sources with sound."""
        peaks: dict[str, float] = {}

        async def on_meters(data: dict[str, Any]) -> None:
            for source in data.get("inputs", ()):
                linear = max((channel[1] for channel in source.get("inputLevelsMul", ())), default=0.0)
                peaks[source["inputName"]] = max(peaks.get(source["inputName"], 0.0), linear)

        self._client.register_event_callback(on_meters, "InputVolumeMeters")
        await asyncio.sleep(seconds)
        self._client.deregister_event_callback(on_meters, "InputVolumeMeters")
        return {name: _decibels(peak) for name, peak in peaks.items()}


def _decibels(linear: float) -> float:
    return 20 * math.log10(linear) if linear > 0 else _SILENCE_DB


def address(settings: ObsSettings) -> tuple[str, int, str]:
    """Return host, port and password, from the settings or else from OBS's own configuration on this machine."""
    own = own_settings.read(own_settings.folder())
    if own is not None and not own.enabled and not settings.port:
        raise ObsError(
            "OBS's WebSocket server is switched off.",
            "In OBS, enable it in Tools → WebSocket Server Settings, then try again.",
        )
    port = settings.port or (own.port if own else 4455)
    return settings.host, port, settings.password or (own.password if own else "")


@asynccontextmanager
async def connect(settings: ObsSettings, *, meters: bool = False) -> AsyncIterator[ObsConnection]:
    """Yield a connection. Raises `ObsError`."""
    host, port, password = address(settings)
    subscriptions = simpleobsws.IdentificationParameters(eventSubscriptions=_VOLUME_METERS if meters else 0)
    client = _Client(f"ws://{host}:{port}", password, subscriptions)
    try:
        async with asyncio.timeout(HELLO_S):
            await client.connect()
    except (TimeoutError, OSError, InvalidHandshake, InvalidMessage) as error:
        raise ObsError(
            f"OBS does not answer at {host}:{port}.",
            "Start OBS, and enable the server in Tools → WebSocket Server Settings. If OBS runs elsewhere, set "
            "[obs] host and port in partyline.toml.",
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
            )
        if code is not None or time.monotonic() > end:
            raise ObsError(
                f"OBS refused the connection (code {code}).",
                "partyline needs obs-websocket 5, which is part of OBS 28 and later.",
            )
        await asyncio.sleep(0.02)
