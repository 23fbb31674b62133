"""A membership with its moves, against calls that are made up."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from common.messages import PartyState
from common.psn.party.sessions import Party, PartyMember
from common.requests import Token
from workers.session.actions import Action, EndVoiceChat, LostParty, NameMembers, PublishParty, RequestResync
from workers.session.leave.pending_leaves import PendingLeaves
from workers.session.member.joining import Joining
from workers.session.member.leaving import Leaving
from workers.session.member.membership import Membership
from workers.session.member.own_entry.publisher import OwnEntryPublisher
from workers.session.member.parts import MoveParts
from workers.session.member.party_resync import PartyResync
from workers.session.memory import PartyMemoryFile
from workers.session.party.reader import PartyReader

HERE = "f0f1f2f3-0001-4002-8003-a0a1a2a3a4a5"
ENTRIES = (PartyMember(account_id="1", platform="MOBILE_APP"), PartyMember(account_id="2", platform="PS5"))


class Calls:
    """A party of two. `hold` makes every call but leave wait until it is set. `sent` has what was let through."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.hold = asyncio.Event()
        self.hold.set()
        self.views: list[Exception | None] = []
        self.refusals: list[Exception] = []
        self.leave_error: Exception | None = None
        self.listed: Sequence[Party] = ()
        self.entries: tuple[PartyMember, ...] = ENTRIES

    async def _send(self, what: str) -> None:
        await self.hold.wait()
        self.sent.append(what)

    async def join(self, session_id: str, *_: Any) -> Party:
        await self._send("join")
        if self.refusals:
            raise self.refusals.pop(0)
        return Party(session_id=session_id)

    async def create(self, *_: Any, **__: Any) -> Party:
        await self._send("create")
        if self.refusals:
            raise self.refusals.pop(0)
        return Party(session_id=HERE)

    async def party(self, session_id: str, *_: Any) -> Party:
        await self._send("view")
        if self.views and (error := self.views.pop(0)) is not None:
            raise error
        return Party(session_id=session_id, members=self.entries)

    async def names(self, accounts: list[str]) -> dict[str, str]:
        await self._send("names")
        return dict.fromkeys(accounts, "Somebody")

    async def parties(self, *_: Any) -> Sequence[Party]:
        await self._send("list")
        return self.listed

    async def publish(self, *_: Any) -> None:
        await self._send("publish")

    async def leave(self, session_id: str) -> None:
        self.sent.append(f"leave {session_id}")
        if self.leave_error is not None:
            raise self.leave_error

    @property
    def left(self) -> list[str]:
        """Session ids of the leaves."""
        return [one.removeprefix("leave ") for one in self.sent if one.startswith("leave ")]


class Tokens:
    def __init__(self) -> None:
        self.account_id = "1"

    async def token(self, rejected: str = "") -> Token:
        return Token(access_token=rejected or "t", account_id=self.account_id, duid="d", expires_at=9e9)


class MembershipRig:
    """The parts, and the actions that they asked for."""

    def __init__(self, home: Path) -> None:
        self.calls = Calls()
        self.tokens = Tokens()
        self.asked: list[Action] = []
        self.signals: list[str] = []
        self.file = PartyMemoryFile(home / "m.json", "here")
        self.leaves = PendingLeaves(home / "leaves.json", "here", self.calls, self.tokens)  # type: ignore[arg-type]
        self.membership = Membership(self.file, self.leaves)
        self.own_entry = OwnEntryPublisher(self.calls)  # type: ignore[arg-type]
        parts = MoveParts(
            self.calls,
            self.tokens,
            self.membership,
            self.leaves,
            self.own_entry,
            self,
            self.perform,  # type: ignore[arg-type]
        )
        self.leaving = Leaving(parts)
        self.resync = PartyResync(parts, self.leaving, PartyReader(self.calls, self.calls))  # type: ignore[arg-type]
        self.joining = Joining(parts, self.leaving, self.resync, "MOBILE_APP")

    def perform(self, actions: Iterable[Action]) -> None:
        for action in actions:
            self.asked.append(action)
            if isinstance(action, NameMembers):
                self.own_entry.set_members(action.members)

    async def start_voice_chat(self) -> None:
        self.signals.append("voice chat")

    async def end_signals(self, session_id: str) -> None:
        self.signals.append(f"end {session_id}")

    async def join(self) -> None:
        await self.joining.join(HERE, "")

    @property
    def published(self) -> list[PartyState]:
        return [action.state for action in self.asked if isinstance(action, PublishParty)]

    @property
    def resyncs(self) -> list[str]:
        """Reasons of the resyncs that were requested."""
        return [action.reason for action in self.asked if isinstance(action, RequestResync)]

    @property
    def lost(self) -> list[LostParty]:
        return [action for action in self.asked if isinstance(action, LostParty)]

    @property
    def idle(self) -> bool:
        """Whether the push channel was made idle."""
        return EndVoiceChat() in self.asked
