"""What the pipeline's retained messages say, kept together: the state that every view is drawn from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar, assert_never, cast

from cli.failures import CommandError
from cli.output import platform_name, printable
from common.messages import (
    AuthState,
    Following,
    Invitations,
    Member,
    Message,
    MixerState,
    MixerTalker,
    PartyState,
    PeerState,
    Problem,
    PushState,
    Recording,
    SinkKind,
    Speaking,
    Trying,
    WorkerHealth,
)
from common.wire import Received

M = TypeVar("M", bound=Message)

WATCHED: tuple[type[Message], ...] = (
    AuthState,
    PushState,
    PartyState,
    Following,
    Invitations,
    PeerState,
    Speaking,
    Trying,
    MixerState,
    Recording,
    WorkerHealth,
    Problem,
)
STALE_S = 5.0
"""A heartbeat older than that means hung or dead (`WorkerHealth.beat_s`)."""


def is_stale(health: WorkerHealth, clock: float) -> bool:
    """Return whether a worker's heartbeat has ended without its having stopped in good order; `clock`: `boot_s`."""
    return clock - health.beat_s > STALE_S and health.state != "stopping"


class Picture:
    """The last message of each class and key."""

    def __init__(self, received: list[Received] | None = None) -> None:
        self._kept: dict[type[Message], dict[str, Message]] = {}
        for item in received or []:
            self.note(item)

    def note(self, received: Received) -> None:
        kept = self._kept.setdefault(received.cls, {})
        if received.message is None:
            kept.pop(received.key, None)
        else:
            kept[received.key] = received.message

    def all(self, cls: type[M]) -> dict[str, M]:
        """Return the messages of `cls` by key."""
        return cast("dict[str, M]", dict(self._kept.get(cls, {})))

    def one(self, cls: type[M]) -> M | None:
        """Return the message of a class that has only one."""
        return next(iter(self.all(cls).values()), None)

    @property
    def realm(self) -> str:
        auth = self.one(AuthState)
        return auth.realm if auth else ""

    @property
    def joined(self) -> bool:
        party = self.one(PartyState)
        return party is not None and party.phase == "joined"

    def members(self) -> list[Member]:
        """Return the party's members as its table has them."""
        party = self.one(PartyState)
        return list(party.members) if party else []

    def names(self) -> dict[str, str]:
        """Return how to call everybody else, by peer key: who is here on two devices is told apart by the device."""
        return called(self.others())

    def others(self) -> dict[str, tuple[str, str]]:
        """Return everybody else, peer key → (name, platform): members, and who is still connected."""
        found = {m.peer: (m.online_id or m.account_id, m.platform) for m in self.members() if not m.is_me}
        for key, peer in self.all(PeerState).items():
            found.setdefault(key, (peer.online_id or peer.account_id, peer.platform))
        return {key: (printable(name), platform) for key, (name, platform) in found.items()}

    def name(self, key: str) -> str:
        """Return how to call the member with this peer key."""
        return self.names().get(key, printable(key))

    def trying(self) -> dict[str, str]:
        """Return in which form who is sent what, by peer key, in words; who is heard in the usual form is not in it."""
        trying = self.one(Trying)
        return dict(trying.members) if trying else {}

    def speaking(self, key: str) -> bool:
        state = self.all(Speaking).get(key)
        return state is not None and state.speaking

    def talker(self, key: str) -> MixerTalker | None:
        mixer = self.one(MixerState)
        return next((t for t in mixer.talkers if t.peer == key), None) if mixer else None

    def peer_called(self, text: str) -> str:
        """Return the peer key of the member that `text` (online id, account id or peer key) means.

        Raises `CommandError` when it means nobody, or more than one.
        """
        others, names = self.others(), self.names()
        wanted = text.casefold()
        found = [key for key, name in names.items() if wanted in {name.casefold(), key.casefold()}]
        found = found or [key for key, (name, _) in others.items() if wanted == name.casefold()]
        found = found or [key for key in others if key.partition(".")[0] == text]
        if len(found) == 1:
            return found[0]
        if found:
            which = ", ".join(sorted(f'"{names[key]}"' for key in found))
            raise CommandError(f"{printable(text)!r} is here more than once.", f"Say which one: {which}.")
        here = ", ".join(sorted(names.values()))
        remedy = f"Here are: {here}." if here else "Join a party first: `partyline join`."
        raise CommandError(f"Nobody called {printable(text)!r} is in the party.", remedy)


def called(people: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """Return peer key → name of people given as (name, platform): the same name twice gets its device, then its key."""
    plain = {key: name for key, (name, _) in people.items()}
    by_device = {key: f"{name} ({platform_name(platform)})" for key, (name, platform) in people.items()}
    by_key = {key: f"{name} ({key})" for key, (name, _) in people.items()}
    return _unless_twice(_unless_twice(plain, by_device), by_key)


def _unless_twice(names: dict[str, str], longer: dict[str, str]) -> dict[str, str]:
    often = Counter(name.casefold() for name in names.values())
    return {key: longer[key] if often[name.casefold()] > 1 else name for key, name in names.items()}


def of_members(members: Iterable[Member]) -> dict[str, str]:
    """Return how to call members, by peer key."""
    return called({m.peer: (printable(m.online_id or m.account_id), m.platform) for m in members})


def sink_words(mixer: MixerState) -> str:
    """Say where the sound goes, as what follows “The sound goes”."""
    target = printable(mixer.target)
    match mixer.sink:
        case "device":
            return f"to the sound device “{target}”" if target else "to the default sound device"
        case "file":
            return f"to the file {target}"
        case "null":
            return _nowhere(mixer.wanted_sink)
        case unknown:
            assert_never(unknown)


def _nowhere(wanted: SinkKind) -> str:
    """Say that the null sink plays, and why where another one is wanted."""
    match wanted:
        case "device":
            return "nowhere: there is no sound device"
        case "file":
            return "nowhere: the file cannot be written"
        case "null":
            return "nowhere (the mix is made, no sink plays it)"
        case unknown:
            assert_never(unknown)


def plain(messages: dict[str, Any]) -> list[Any]:
    return [messages[key] for key in sorted(messages)]
