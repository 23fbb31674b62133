"""The retained state for commands: `common.bus.retained` with display names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from cli.shared.failures import CommandError
from cli.shared.terminal import platform_name, printable
from common.bus import retained
from common.bus.retained import Retained
from common.messages import FarSound, Member, Message, ObsState, PlayoutDelay, Trying

WATCHED: tuple[type[Message], ...] = (*retained.WATCHED, Trying, ObsState, FarSound, PlayoutDelay)
"""The messages that commands subscribe to."""


class BusState(Retained):
    """The retained state with display names for a terminal."""

    def people(self) -> dict[str, tuple[str, str]]:
        """Return everybody else, peer key → (name, platform): members, and peers that are only connected."""
        return {key: (_name(member), member.platform) for key, member in self.others().items()}

    def names(self) -> dict[str, str]:
        """Return display names of everybody else by peer key. Someone with two devices gets the device's name too."""
        return called(self.people())

    def name(self, key: str) -> str:
        """Return the display name of the member with this peer key."""
        return self.names().get(key, printable(key))

    def trying(self) -> dict[str, str]:
        """Return peer key → words about an unusual form of its signals. Members in the usual form are missing."""
        trying = self.one(Trying)
        return dict(trying.members) if trying else {}

    def peer_called(self, text: str) -> str:
        """Return the peer key of the member with the online id, account id or peer key `text`.

        Raises `CommandError` if it matches no member or several.
        """
        others, names = self.people(), self.names()
        wanted = text.casefold()
        found = [key for key, name in names.items() if wanted in {name.casefold(), key.casefold()}]
        found = found or [key for key, (name, _) in others.items() if wanted == name.casefold()]
        found = found or [key for key, member in self.others().items() if member.account_id == text]
        if len(found) == 1:
            return found[0]
        if found:
            which = ", ".join(sorted(f'"{names[key]}"' for key in found))
            raise CommandError(f"There are several members called {printable(text)!r}.", f"Name one of these: {which}.")
        here = ", ".join(sorted(names.values()))
        remedy = f"The others in the party are: {here}." if here else "Join a party first with `partyline join`."
        raise CommandError(f"Nobody called {printable(text)!r} is in the party.", remedy)


def called(people: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """Return peer key → display name of people given as (name, platform). Equal names get the device, then the key."""
    plain = {key: name for key, (name, _) in people.items()}
    by_device = {key: f"{name} ({platform_name(platform)})" for key, (name, platform) in people.items()}
    by_key = {key: f"{name} ({key})" for key, (name, _) in people.items()}
    return _unless_twice(_unless_twice(plain, by_device), by_key)


def _unless_twice(names: dict[str, str], longer: dict[str, str]) -> dict[str, str]:
    often = Counter(name.casefold() for name in names.values())
    return {key: longer[key] if often[name.casefold()] > 1 else name for key, name in names.items()}


def of_members(members: Iterable[Member]) -> dict[str, str]:
    """Return display names of members by peer key."""
    return called({member.peer: (_name(member), member.platform) for member in members})


def _name(member: Member) -> str:
    return printable(member.online_id or member.account_id)


def plain(messages: dict[str, Any]) -> list[Any]:
    return [messages[key] for key in sorted(messages)]
