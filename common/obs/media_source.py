"""OBS's Media Source, as it plays our stream."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

MEDIA = "ffmpeg_source"
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
