"""The end of a connection. Its sockets, tasks and threads are freed in any state of aiortc."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

import structlog
from aiortc import RTCPeerConnection

ORDERLY_S = 1.5
"""For aiortc's own close."""
FORCED_S = 0.3
"""For each step by hand."""
_OWN = "_RTCPeerConnection__"


async def close(connection: RTCPeerConnection) -> None:
    """Close the connection. Never raises, and takes `ORDERLY_S` and a few `FORCED_S` at most."""
    connection.remove_all_listeners()
    parts: Any = vars(connection)
    # what bundling sets aside is no longer in aiortc's lists, and was stopped at that time
    dtls, ice = list(parts[f"{_OWN}dtlsTransports"]), list(parts[f"{_OWN}iceTransports"])
    try:
        async with asyncio.timeout(ORDERLY_S):
            await connection.close()
    except (Exception, asyncio.CancelledError) as error:
        if _is_cancelled():
            raise
        log = structlog.get_logger("media")
        log.warning("closing a connection by hand", error=f"{type(error).__name__}: {error}")
        await _by_hand(connection, dtls, ice)


async def _by_hand(connection: RTCPeerConnection, dtls: list[Any], ice: list[Any]) -> None:
    for transceiver in connection.getTransceivers():
        _cancel(transceiver.receiver, "_RTCRtpReceiver__rtcp_task")
        _cancel(transceiver.sender, "_RTCRtpSender__rtp_task", "_RTCRtpSender__rtcp_task")
        stop_decoder = getattr(transceiver.receiver, "_RTCRtpReceiver__stop_decoder", None)
        if stop_decoder is not None:
            await _within(asyncio.to_thread(stop_decoder))
    for transport in dtls:
        await _within(transport.stop())
    for transport in ice:
        # the connection first, because RTCIceTransport.stop() does nothing after an earlier one got stuck
        await _within(transport._connection.close())  # noqa: SLF001
        await _within(transport.stop())
        for protocol in transport._connection._protocols:  # noqa: SLF001
            protocol.transport.abort()
    ended = vars(connection).get(f"{_OWN}isClosed")
    if ended and not ended.done():
        ended.set_result(True)  # others may wait for the end


async def _within(job: Awaitable[Any]) -> None:
    try:
        async with asyncio.timeout(FORCED_S):
            await job
    except (Exception, asyncio.CancelledError) as error:
        if _is_cancelled():
            raise
        structlog.get_logger("media").debug("a step of closing failed", error=f"{type(error).__name__}: {error}")


def _is_cancelled() -> bool:
    """Return whether this task is to end. Otherwise a `CancelledError` is that of something that it waits for."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _cancel(owner: Any, *names: str) -> None:
    for name in names:
        task = getattr(owner, name, None)
        if isinstance(task, asyncio.Future):
            task.cancel()
