"""Which worker says what, and how a message looks on the other machine. No I/O.

A message goes one way only: it is carried from the machine on which its worker runs by the division, never back.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec

from common.basic.division import OWN
from common.errors import BadMessageError
from common.messages import (
    AuthState,
    ClipState,
    Devices,
    Ducking,
    FarSound,
    Following,
    Invitations,
    Levels,
    LevelsWanted,
    ListeningPages,
    Message,
    MixerState,
    ObsState,
    PartyState,
    PeerSignal,
    PeerState,
    PlayoutDelay,
    Problem,
    PushEvent,
    PushState,
    Recording,
    RecordingList,
    SignalRefused,
    Speaking,
    TonePlays,
    Trying,
    WebRtcListeners,
    WireFact,
    WorkerHealth,
    wire,
)
from common.messages.wire import Received

SAID_BY: Mapping[type[Message], tuple[str, ...]] = {
    AuthState: ("auth",),
    PartyState: ("session",),
    Invitations: ("session",),
    Following: ("session",),
    PushState: ("signaling",),
    PeerState: ("media",),
    Speaking: ("media",),
    Trying: ("media",),
    PlayoutDelay: ("media",),
    Levels: ("audio",),
    MixerState: ("audio",),
    Ducking: ("audio",),
    Devices: ("audio",),
    FarSound: ("audio",),
    TonePlays: ("audio",),
    Recording: ("recorder",),
    ClipState: ("recorder",),
    RecordingList: ("recorder",),
    ObsState: ("obs",),
    ListeningPages: ("dashboard",),
    LevelsWanted: ("dashboard",),
    WebRtcListeners: ("webrtc",),
}
"""Who publishes what crosses. `WorkerHealth` and `Problem` cross too, each from its own worker."""
STAYS: Mapping[type[Message], str] = {
    PeerSignal: "it holds keys of connections",
    SignalRefused: "media and signaling are on one machine",
    PushEvent: "session and signaling are on one machine",
    WireFact: "the probe runs beside the workers that it watches",
}
"""Messages that leave no machine, and why."""
OF_EACH: tuple[type[Message], ...] = (WorkerHealth, Problem)


def prefixes(workers: Collection[str]) -> list[str]:
    """Return the topics of what those workers say, and what the other machine's own programs say of themselves."""
    found = [f"{cls.TOPIC}/" for cls, by in SAID_BY.items() if not set(by).isdisjoint(workers)]
    for worker in sorted({*workers, *OWN}):
        found += [f"{WorkerHealth.TOPIC}/{worker}", f"{Problem.TOPIC}/{worker}."]
    return found


def is_said(received: Received, workers: Collection[str]) -> bool:
    """Return whether one of those workers may say this, and about itself only. What was sent is not trusted."""
    sender, message = received.header.sender, received.message
    if sender not in workers and sender not in OWN:
        return False
    if message is not None and message.topic() != received.topic:
        return False
    if received.cls is WorkerHealth:
        return received.key == sender and (not isinstance(message, WorkerHealth) or message.worker == sender)
    if received.cls is Problem:
        own = not isinstance(message, Problem) or message.worker == sender
        return own and received.key.startswith(f"{sender}.")
    return sender in SAID_BY.get(received.cls, ())


def shifted(message: Message, seconds: float) -> Message:
    """Return the message with its times of the boot clock moved: `seconds` is the reader's clock minus the writer's."""
    match message:
        case WorkerHealth():
            return msgspec.structs.replace(message, beat_s=message.beat_s + seconds)
        case PartyState() if message.joined_s:
            return msgspec.structs.replace(message, joined_s=message.joined_s + seconds)
        case _:
            return message


def named(received: Received, machine: str) -> Received:
    """Return what a program says that both machines have, under a name of its own: ``MACHINE/broker``.

    The machine stands first, since whoever subscribes to the broker's heartbeat does so by the beginning of its topic.
    """
    if received.header.sender not in OWN:
        return received
    sender = f"{machine}/{received.header.sender}"
    topic, _, key = received.topic.partition("/")
    message = received.message
    if isinstance(message, (WorkerHealth, Problem)):
        message = msgspec.structs.replace(message, worker=sender)
    key = f"{sender}{key.removeprefix(received.header.sender)}"
    header = msgspec.structs.replace(received.header, sender=sender)
    return Received(topic=f"{topic}/{key}", header=header, message=message)


def frames(received: Received) -> list[bytes]:
    """Return the message as bytes."""
    message = received.message
    if message is None:
        return wire.encode_clear(received.topic, received.header)
    if message.topic() != received.topic:
        raise BadMessageError(f"{received.topic!r} does not fit its message")
    return wire.encode(message, received.header)


def is_of(topic: str, workers: Collection[str], machine: str) -> bool:
    """Return whether a retained topic here is one of the other machine's, whose workers these are."""
    name, _, key = topic.partition("/")
    if name in (cls.TOPIC for cls in OF_EACH):
        worker = key if name == WorkerHealth.TOPIC else key.partition(".")[0]
        marked = any(key == f"{machine}/{own}" or key.startswith(f"{machine}/{own}.") for own in OWN)
        return marked or worker in workers
    return any(name == cls.TOPIC and set(by) <= set(workers) for cls, by in SAID_BY.items())
