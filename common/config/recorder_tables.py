"""The settings' tables of recordings and clips."""

from __future__ import annotations

from typing import Annotated

import msgspec

from common.basic.values import ClipSeconds
from common.config.settings_table import SettingsTable


class RecorderSettings(SettingsTable, frozen=True, kw_only=True):
    folder: str = ""
    """Parent of the recordings' folders, relative to `$PARTYLINE_HOME`. Empty means `recordings`."""
    speech_labels: bool = True
    """Also write who spoke when, as an Audacity label file (`speech.txt`)."""
    warn_minutes: Annotated[float, msgspec.Meta(ge=0)] = 30.0
    """Warn when the free disk space lasts for fewer minutes."""
    keep_free_mb: Annotated[int, msgspec.Meta(ge=1)] = 500
    """Free disk space at which a recording is ended and its files are finished."""


class ClipSettings(SettingsTable, frozen=True, kw_only=True):
    seconds: ClipSeconds = 0  # off: nobody's voice is kept unless somebody here has asked for it
    """The last seconds kept in memory for clips, 0 or 30 … 300. What `partyline clip --keep` chose goes before it."""
    video: bool = True
    """Also make `clip.mp4` of a clip, a picture of its waveform, for services that take only videos."""
