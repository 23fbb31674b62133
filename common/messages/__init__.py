"""Every message on the bus. This package *is* the bus's documentation, with one file for each subject.

A `Message` is published to any number of subscribers. Its topic is ``TOPIC/key``. A *retained* message is state. The
broker keeps the last one of each topic and sends it to every new subscriber. `common.bus.Bus.clear` removes it.
Requests to one worker are in `common.requests`.

The first docstring line of each begins with its direction, ``from → to`` (workers and `cli`, or ``nobody`` for
programs outside partyline), and goes on with the moment. A test compares it with the code. Units are in the
field's name or docstring. No secret (token, NPSSO, code) is ever part of a `Message`.

A **peer key** names a party member everywhere: ``<account id>.<platform>``, e.g.
``3456789012345678901.PS5``. Wall-clock times are Unix seconds (float). ``*_ns`` are
`time.monotonic_ns`, which all processes of one machine share.
"""

from __future__ import annotations

from common.messages.account import AuthState
from common.messages.audio import (
    LEFT,
    MIX_PEER,
    MIX_PLANE,
    OUTPUT_PEER,
    RECORD_PEER,
    RIGHT,
    AudioFrame,
    Devices,
    Ducking,
    FarSound,
    Levels,
    LevelsWanted,
    MixerState,
    MixerTalker,
    OutputDevice,
    TonePlays,
)
from common.messages.base import FRAME_MS, FRAME_SAMPLES, SAMPLE_RATE, Message
from common.messages.clips import ClipState, RecordedFile, RecordingEntry, RecordingList
from common.messages.health import STALE_S, Health, Problem, WorkerHealth
from common.messages.obs import ListeningPages, ObsRemark, ObsSetup, ObsSource, ObsState, WebRtcListeners
from common.messages.outputs import OutputPhase, OutputStatus
from common.messages.party import (
    BRIDGE,
    BRIDGE_PEER,
    Following,
    Invitation,
    Invitations,
    Member,
    PartyState,
    PeerKey,
    peer_key,
)
from common.messages.peers import Kind, PeerSignal, PeerState, PlayoutDelay, SignalRefused, Speaking
from common.messages.processing import TalkerProcessing
from common.messages.push import PushEvent, PushState
from common.messages.recording import RecordedTalker, Recording
from common.messages.unknowns import Trying, WireFact

MESSAGES: tuple[type[Message], ...] = (
    WorkerHealth,
    Problem,
    AuthState,
    PartyState,
    Invitations,
    Following,
    PushState,
    PushEvent,
    PeerSignal,
    SignalRefused,
    PeerState,
    PlayoutDelay,
    Speaking,
    Levels,
    LevelsWanted,
    MixerState,
    FarSound,
    Ducking,
    Devices,
    Recording,
    ClipState,
    RecordingList,
    Trying,
    WireFact,
    ObsState,
    ListeningPages,
    WebRtcListeners,
    TonePlays,
)
"""Every published message class. The bus decodes no other."""

BY_TOPIC: dict[str, type[Message]] = {cls.TOPIC: cls for cls in MESSAGES}
"""Topic without key → class."""

__all__ = [
    "BRIDGE",
    "BRIDGE_PEER",
    "BY_TOPIC",
    "FRAME_MS",
    "FRAME_SAMPLES",
    "LEFT",
    "MESSAGES",
    "MIX_PEER",
    "MIX_PLANE",
    "OUTPUT_PEER",
    "RECORD_PEER",
    "RIGHT",
    "SAMPLE_RATE",
    "STALE_S",
    "AudioFrame",
    "AuthState",
    "ClipState",
    "Devices",
    "Ducking",
    "FarSound",
    "Following",
    "Health",
    "Invitation",
    "Invitations",
    "Kind",
    "Levels",
    "LevelsWanted",
    "ListeningPages",
    "Member",
    "Message",
    "MixerState",
    "MixerTalker",
    "ObsRemark",
    "ObsSetup",
    "ObsSource",
    "ObsState",
    "OutputDevice",
    "OutputPhase",
    "OutputStatus",
    "PartyState",
    "PeerKey",
    "PeerSignal",
    "PeerState",
    "PlayoutDelay",
    "Problem",
    "PushEvent",
    "PushState",
    "RecordedFile",
    "RecordedTalker",
    "Recording",
    "RecordingEntry",
    "RecordingList",
    "SignalRefused",
    "Speaking",
    "TalkerProcessing",
    "TonePlays",
    "Trying",
    "WebRtcListeners",
    "WireFact",
    "WorkerHealth",
    "peer_key",
]
