"""OBS's Media Source, as it plays our stream."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from common.obs.connection import ObsConnection

MEDIA = "ffmpeg_source"
PLAYING = "OBS_MEDIA_STATE_PLAYING"
ASKED_EVERY_S = 0.2
STREAM_PATH = "/obs-stream"
SETTINGS: Mapping[str, Any] = MappingProxyType(
    {
        "is_local_file": False,
        "input_format": "matroska",
        "buffering_mb": 0,
        "ffmpeg_options": "probesize=32 analyzeduration=1 fflags=nobuffer",
        "reconnect_delay_sec": 1,
        "restart_on_activate": False,
        "close_when_inactive": False,
        "clear_on_media_end": False,
        "hw_decode": False,
    }
)
"""What it needs for the shortest delay, and to come back by itself (notes/obs-sound.md has the measured delays).

Without `restart_on_activate` it plays on in scenes that are not on air, and a change of scenes does not stop it.
"""


async def await_playing(obs: ObsConnection, names: Iterable[str], within_s: float) -> None:
    """Wait until these sources play, for `within_s` at most. A new one takes a moment to connect."""
    deadline = asyncio.get_running_loop().time() + within_s
    for name in names:
        while asyncio.get_running_loop().time() < deadline:
            status = await obs.find("GetMediaInputStatus", inputName=name)
            if status is None or status.get("mediaState") == PLAYING:
                break
            await asyncio.sleep(ASKED_EVERY_S)
