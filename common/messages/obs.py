"""Messages about OBS: our sources there, and what keeps them from being heard."""

from __future__ import annotations

from typing import ClassVar, Literal

import msgspec

from common.basic.values import ObsRoute
from common.messages.base import Message


class ObsRemark(msgspec.Struct, frozen=True, kw_only=True):
    """Something about OBS that the user may not have intended, or that is only worth knowing."""

    code: str
    """Short stable name, e.g. ``double-sound``."""
    message: str
    """What is so, one sentence."""
    remedy: str = ""
    """What the user can do about it, one sentence. Empty if nothing needs to be done."""


class ObsSource(msgspec.Struct, frozen=True, kw_only=True):
    """One of our sources in OBS."""

    name: str
    """Its name in OBS. The user may have changed it."""
    carries: Literal["mix", "each", "device", "stream", "overlay"]
    """What it brings: all voices by a page, one member's voice, a sound device, all voices by a media source, or the
    overlay."""
    account_id: str = ""
    """Account of the one member, or empty if it brings all, or if that member is unknown here."""
    member: str = ""
    """Online id of the one member, or empty."""
    present: bool = True
    """Whether the member is in the party now. A source of one who is not is hidden in OBS."""
    scenes: tuple[str, ...] = ()
    muted: bool = False
    volume_db: float = 0.0
    """-100 for silence."""
    peak_db: float = -120.0
    """Highest level of the last second that OBS measured, in dBFS (-120 for none). In `ObsTestResult`: of the test."""
    tracks: tuple[int, ...] = ()
    """OBS's audio tracks that it is on, 1 … 6."""
    look: str = ""
    """Of the overlay: the choices in its address, without the key."""
    remarks: tuple[ObsRemark, ...] = ()


class ObsSetup(msgspec.Struct, frozen=True, kw_only=True):
    """What was set up in OBS, by the last `SetUpObs`."""

    route: ObsRoute
    overlay: bool = True
    scene: str = ""
    """Scene for new sources, or empty for the one on air."""
    tracks: bool = False
    """Whether members get audio tracks of their own in OBS."""
    duck: bool = False
    """Whether `duck_source` is lowered while the party speaks."""
    duck_source: str = ""
    """Name in OBS of the game's source."""
    device: str = ""
    """Part of the device's name, for the route `device`. Empty for what plays now."""


class ObsState(Message, frozen=True, kw_only=True):
    """obs → cli, dashboard, when OBS or our sources there have changed, and each second while somebody is heard there.

    All fields are empty where OBS was never asked for.
    """

    TOPIC: ClassVar[str] = "obs.state"
    RETAINED: ClassVar[bool] = True
    setup: ObsSetup | None = None
    """What was asked for, or None if nothing was set up, or it was removed."""
    connected: bool = False
    version: str = ""
    """OBS's version, e.g. ``30.2.3``."""
    websocket_version: str = ""
    has_browser: bool = False
    """Whether this OBS has browser sources."""
    scenes: tuple[str, ...] = ()
    """Names of all scenes, as OBS lists them."""
    scene: str = ""
    """Name of the scene on air."""
    audio_sources: tuple[str, ...] = ()
    """Names of the user's own sources with sound, of which one may be lowered while the party speaks."""
    sources: tuple[ObsSource, ...] = ()
    ducked_by: Literal["", "sidechain", "volume"] = ""
    """How `ObsSetup.duck_source` is lowered: by OBS's compressor, or by a volume filter that partyline moves."""
    problem_code: str = ""
    """Short stable name of why there is no connection, or why the last change failed, e.g. ``obs.server-off``."""
    problem: str = ""
    """The same, one sentence."""
    remedy: str = ""
    """What the user can do about it, one sentence."""
    remarks: tuple[ObsRemark, ...] = ()
    """What concerns OBS as a whole."""


class ListeningPages(Message, frozen=True, kw_only=True):
    """dashboard → obs, audio, when a page or a media player begins or ends to play voices."""

    TOPIC: ClassVar[str] = "pages.listening"
    RETAINED: ClassVar[bool] = True
    talkers: tuple[str, ...] = ()
    """What each of them plays: "" for the mix, or the talker that its address names."""


class WebRtcListeners(Message, frozen=True, kw_only=True):
    """webrtc → dashboard, when somebody begins or ends to listen by WebRTC."""

    TOPIC: ClassVar[str] = "webrtc.listeners"
    RETAINED: ClassVar[bool] = True
    talkers: tuple[str, ...] = ()
    """What each of them plays: "" for the mix, or the talker that its address names."""
