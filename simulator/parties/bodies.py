"""Request bodies of sessionManager, as strict as the captures allow (tests/wire/*.request.json)."""

from __future__ import annotations

from typing import Literal, TypeVar

import msgspec

from simulator.facts import rests_on
from simulator.facts.party import CONTEXT, JOINABLE
from simulator.shared.refusals import bad_request
from simulator.shared.uuids import is_uuid

B = TypeVar("B", bound=msgspec.Struct)


class PushContext(msgspec.Struct, frozen=True):
    contextId: str  # noqa: N815  # Sony's spelling


class NewMember(msgspec.Struct, frozen=True):
    accountId: Literal["me"]  # noqa: N815
    platform: Literal["me"]
    pushContexts: list[PushContext]  # noqa: N815
    customData4: str = ""  # noqa: N815
    customData3: str = ""  # noqa: N815
    voiceChatActivated: bool = False  # noqa: N815


class Join(msgspec.Struct, frozen=True):
    members: list[NewMember]


JoinableBy = Literal["FRIENDS", "INVITE_ONLY"]
VisibleTo = Literal["FRIENDS_ONLY", "INVITE_ONLY"]
"""There is no ``ANYONE`` [app]."""


class NewParty(msgspec.Struct, frozen=True):
    members: list[NewMember]
    joinableUserType: JoinableBy = "INVITE_ONLY"  # noqa: N815
    visibilityType: VisibleTo = "INVITE_ONLY"  # noqa: N815
    maxMembers: int = 16  # noqa: N815
    sessionName: str = ""  # noqa: N815
    sessionType: str = "ROOM"  # noqa: N815


class Create(msgspec.Struct, frozen=True):
    v2PartySessions: list[NewParty]  # noqa: N815


class Bulk(msgspec.Struct, frozen=True):
    groupInvitedPartySessions: list[str]  # noqa: N815


class ChangeMember(msgspec.Struct, frozen=True):
    customData3: str | None = None  # noqa: N815
    customData4: str | None = None  # noqa: N815
    voiceChatActivated: bool | None = None  # noqa: N815


class ChangeParty(msgspec.Struct, frozen=True):
    sessionName: str | None = None  # noqa: N815
    visibilityType: VisibleTo | None = None  # noqa: N815
    joinableUserType: JoinableBy | None = None  # noqa: N815
    maxMembers: int | None = None  # noqa: N815


class Invitee(msgspec.Struct, frozen=True):
    accountId: str  # noqa: N815


class InvitationBody(msgspec.Struct, frozen=True):
    to: Invitee


class Invite(msgspec.Struct, frozen=True):
    invitationType: Literal["NORMAL"]  # noqa: N815
    invitations: list[InvitationBody]
    invitationsToGroups: list[str] = []  # noqa: N815


class Recipient(msgspec.Struct, frozen=True):
    accountId: str  # noqa: N815
    platform: str


class CustomMessage(msgspec.Struct, frozen=True):
    channel: str
    payload: str
    to: list[Recipient]
    withoutSequenceNumber: Literal[True]  # noqa: N815


@rests_on(JOINABLE)
def read(body: bytes, cls: type[B]) -> B:
    """Return the body as `cls`. Raises `Refused` (400) with the place of the error."""
    try:
        return msgspec.json.decode(body, type=cls)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise bad_request(f"the body is no {cls.__name__}: {error}") from error


@rests_on(CONTEXT)
def the_member(members: list[NewMember]) -> NewMember:
    """Return the one member of a create or join body. Raises `Refused` (400)."""
    if len(members) != 1:
        raise bad_request(f"one member joins at a time, not {len(members)}")
    contexts = members[0].pushContexts
    if len(contexts) != 1 or not is_uuid(contexts[0].contextId):
        raise bad_request("pushContexts is not one contextId that is a UUID")
    return members[0]
