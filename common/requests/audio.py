"""The mix, and the device that plays it."""

from __future__ import annotations

from typing import Any, ClassVar

from common.basic.values import DelayMs, GainDb
from common.messages import Devices
from common.requests.base import Done, Request


class SetGain(Request[Done], frozen=True, kw_only=True):
    """cli, dashboard → audio: a talker's gain in the mix."""

    WORKER: ClassVar[str] = "audio"
    REPLY: ClassVar[type[Any]] = Done
    peer: str
    """Peer key of the talker."""
    gain_db: GainDb
    """In dB. 0 leaves the voice as it comes."""


class SetMute(Request[Done], frozen=True, kw_only=True):
    """cli, dashboard → audio: whether a talker is heard in the mix."""

    WORKER: ClassVar[str] = "audio"
    REPLY: ClassVar[type[Any]] = Done
    peer: str
    """Peer key of the talker."""
    muted: bool
    """True mutes."""


class SetSolo(Request[Done], frozen=True, kw_only=True):
    """cli, dashboard → audio: while anybody is solo, only those who are solo are heard."""

    WORKER: ClassVar[str] = "audio"
    REPLY: ClassVar[type[Any]] = Done
    peer: str
    """Peer key of the talker."""
    solo: bool
    """True makes them solo."""


class SetOwnMember(Request[Done], frozen=True, kw_only=True):
    """cli, dashboard → audio: which member of the party is the person who runs partyline.

    That account is muted in the mix, since its owner's microphone is in the stream already. `SetMute` still changes
    that. Talkers are recorded whether they are muted or not.
    """

    WORKER: ClassVar[str] = "audio"
    REPLY: ClassVar[type[Any]] = Done
    account_id: str
    """Empty for nobody."""


class SetMaster(Request[Done], frozen=True, kw_only=True):
    """cli, dashboard → audio: what counts for the whole mix; None leaves a value as it is."""

    WORKER: ClassVar[str] = "audio"
    REPLY: ClassVar[type[Any]] = Done
    gain_db: GainDb | None = None
    delay_ms: DelayMs | None = None
    """Delay of the mix, to match a video."""
    levelling: bool | None = None
    """Bring quiet and loud talkers to one loudness."""
    newcomer_gain_db: GainDb | None = None
    """Gain of talkers without a chosen one."""


class SelectDevice(Request[Devices], frozen=True, kw_only=True):
    """cli, dashboard → audio: play on this device from now on."""

    WORKER: ClassVar[str] = "audio"
    REPLY: ClassVar[type[Any]] = Devices
    name: str
    """Part of the device's name, or empty for the system's default."""
