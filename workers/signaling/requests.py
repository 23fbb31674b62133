"""Requests of other workers."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence

from common.bus import Bus
from common.requests import Done, EndSignals, SetVoiceChat
from workers.signaling.push_channel.open_channel import OpenChannel
from workers.signaling.transports import Transport

END_S = 3.0
"""How long a leave waits for messages in flight."""


class SignalingRequests:
    def __init__(self, channel: OpenChannel, transports: Sequence[Transport]) -> None:
        self._channel = channel
        self._transports = transports

    def serve(self, bus: Bus) -> None:
        bus.serve(SetVoiceChat, self._serve_set_voice_chat)
        bus.serve(EndSignals, self._serve_end_signals)

    async def _serve_set_voice_chat(self, request: SetVoiceChat) -> Done:
        await self._channel.set_voice_chat(active=request.active)
        return Done()

    async def _serve_end_signals(self, request: EndSignals) -> Done:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(END_S):
                await asyncio.gather(*(transport.leave(request.session_id) for transport in self._transports))
        return Done()
