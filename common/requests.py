"""Every request: a question to one worker, answered with `REPLY`.

It goes straight to the worker's socket, without the broker. On failure the reply is a typed
`common.errors.PartylineError` with a remedy. Replies may hold secrets. Messages may not.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Generic, Literal, TypeVar

import msgspec

from common.basic.values import DelayMs, GainDb
from common.log.secret import Guarded, Secret
from common.messages import AuthState, Devices, Member, PartyState, Recording

R = TypeVar("R")


class Request(msgspec.Struct, Generic[R], frozen=True, kw_only=True):
    """A question to one worker. `WORKER` answers with an instance of `REPLY`."""

    WORKER: ClassVar[str]
    REPLY: ClassVar[type[Any]]


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """The reply to a request without a result."""

    message: str = ""


class Token(Guarded, frozen=True, kw_only=True):
    """An access token. Travels as a reply on auth's own socket, never as a `Message`."""

    access_token: Secret
    account_id: str
    duid: str
    expires_at: float
    """Unix seconds."""


class SignIn(Request[AuthState], frozen=True, kw_only=True):
    """cli, dashboard → auth: sign in with what the person pasted (NPSSO, its JSON, or the redirect URL)."""

    WORKER: ClassVar[str] = "auth"
    REPLY: ClassVar[type[Any]] = AuthState
    pasted: str
    realm: Literal["", "playstation"] = ""
    """The network to sign in to, or empty for that of auth's realm. In the simulator's realm, PlayStation's tokens are
    only stored. That realm and its demo go on, and an auth of the other realm finds the tokens."""


class AccessToken(Request[Token], frozen=True, kw_only=True):
    """session, signaling → auth: before the first call, and after a 401."""

    WORKER: ClassVar[str] = "auth"
    REPLY: ClassVar[type[Any]] = Token
    rejected: str = ""
    """`common.psn.http.client.fingerprint` of the token that met a 401. Auth refreshes only if it still holds that
    token."""


class SignInInfo(msgspec.Struct, frozen=True, kw_only=True):
    """The signed-in account and its token store. It never carries a token."""

    auth: AuthState
    store: Literal["keychain", "file", ""]
    """The token store, or empty without tokens."""
    file: str = ""
    """Path of the file if `store` is ``file``."""


class WhoAmI(Request[SignInInfo], frozen=True, kw_only=True):
    """cli → auth: who is signed in, for how long, and where the tokens lie."""

    WORKER: ClassVar[str] = "auth"
    REPLY: ClassVar[type[Any]] = SignInInfo


class SignOut(Request[Done], frozen=True, kw_only=True):
    """cli → auth: forget the sign-in to PlayStation Network, in keychain and file, whatever the realm.

    The simulator's demo account stays. The requester must leave the party first.
    """

    WORKER: ClassVar[str] = "auth"
    REPLY: ClassVar[type[Any]] = Done


class PartySummary(msgspec.Struct, frozen=True, kw_only=True):
    """One party that we are in or may join."""

    session_id: str
    name: str = ""
    owner: str = ""
    """Online id of the host, or the account id if that is unknown."""
    members: tuple[Member, ...] = ()
    max_members: int = 16
    joinable: bool = True
    standing: Literal["in", "invited", "open"] = "open"
    """Whether we are in it, invited into it, or may join it anyway."""
    invited_by: str = ""
    """Online id or account id, or empty if unknown."""


class Parties(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to `ListParties`."""

    parties: tuple[PartySummary, ...] = ()


class ListParties(Request[Parties], frozen=True, kw_only=True):
    """cli, dashboard → session: list the parties that we are in or may join."""

    WORKER: ClassVar[str] = "session"
    REPLY: ClassVar[type[Any]] = Parties


class JoinParty(Request[PartyState], frozen=True, kw_only=True):
    """cli, dashboard → session: join by session id or share link; leaves the present party first."""

    WORKER: ClassVar[str] = "session"
    REPLY: ClassVar[type[Any]] = PartyState
    target: str
    """Session id, share link or cpssId, or empty for the only available party."""


class LeaveParty(Request[Done], frozen=True, kw_only=True):
    """cli, dashboard → session: leave the party."""

    WORKER: ClassVar[str] = "session"
    REPLY: ClassVar[type[Any]] = Done


class CreateParty(Request[PartyState], frozen=True, kw_only=True):
    """cli, dashboard → session: make a party and be in it; leaves the present one first."""

    WORKER: ClassVar[str] = "session"
    REPLY: ClassVar[type[Any]] = PartyState
    name: str = ""
    open: bool = False
    """Whether friends of its members may join, or only people with an invitation or the link."""


class RenameParty(Request[Done], frozen=True, kw_only=True):
    """cli, dashboard → session: give our party another name."""

    WORKER: ClassVar[str] = "session"
    REPLY: ClassVar[type[Any]] = Done
    name: str


class SetVisibility(Request[Done], frozen=True, kw_only=True):
    """cli, dashboard → session: who may see and join our party."""

    WORKER: ClassVar[str] = "session"
    REPLY: ClassVar[type[Any]] = Done
    open: bool


class Invited(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to `InvitePeople`, with online ids as PlayStation spells them."""

    online_ids: tuple[str, ...]


class InvitePeople(Request[Invited], frozen=True, kw_only=True):
    """cli, dashboard → session: invite people into our party. All of them or nobody."""

    WORKER: ClassVar[str] = "session"
    REPLY: ClassVar[type[Any]] = Invited
    online_ids: tuple[str, ...]


class KickMember(Request[Done], frozen=True, kw_only=True):
    """cli → session: take a member out of our party. Refused where PlayStation does not let us."""

    WORKER: ClassVar[str] = "session"
    REPLY: ClassVar[type[Any]] = Done
    peer: str
    """Peer key. The account's other devices are removed too."""


class FollowPlayer(Request[Done], frozen=True, kw_only=True):
    """cli, dashboard → session: be in whatever party that account is in, from now on."""

    WORKER: ClassVar[str] = "session"
    REPLY: ClassVar[type[Any]] = Done
    online_id: str
    """The player, or empty to stop following. The current party goes on."""


class Pictures(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to `FindPictures`."""

    urls: dict[str, str] = {}
    """Account id → URL as received from PlayStation. Accounts without a picture are missing."""


class FindPictures(Request[Pictures], frozen=True, kw_only=True):
    """dashboard → session: where are these people's pictures? One call to PlayStation for all of them."""

    WORKER: ClassVar[str] = "session"
    REPLY: ClassVar[type[Any]] = Pictures
    account_ids: tuple[str, ...]


class EndSignals(Request[Done], frozen=True, kw_only=True):
    """session → signaling, before the leave call: send nothing more in that party, and withdraw from its bridge.

    Answered when no message is in flight, or after 3 s. The leave goes on in any case.
    """

    WORKER: ClassVar[str] = "signaling"
    REPLY: ClassVar[type[Any]] = Done
    session_id: str


class HoldOffers(Request[Done], frozen=True, kw_only=True):
    """cli → media: do not offer by ourselves for a while, to see what the others do (`partyline probe`).

    Their offers are answered. The hold expires, so the requester renews it as long as needed.
    """

    WORKER: ClassVar[str] = "media"
    REPLY: ClassVar[type[Any]] = Done
    for_s: Annotated[float, msgspec.Meta(ge=0, le=20)]
    """0 … 20 s from now on. 0 ends the hold."""
    meet: bool = False
    """Meet a remote offer with a local one, and answer it a little later, to cause glare."""


class SetVoiceChat(Request[Done], frozen=True, kw_only=True):
    """session, cli → signaling: have the push channel in voice chat before a create or join, and idle after a leave.

    Answered when the push server has accepted it. Refused with `PartyError` if it does not, or if the channel is not
    open.
    """

    WORKER: ClassVar[str] = "signaling"
    REPLY: ClassVar[type[Any]] = Done
    active: bool


class SetGain(Request[Done], frozen=True, kw_only=True):
    """cli, dashboard → audio: a talker's gain in the mix."""

    WORKER: ClassVar[str] = "audio"
    REPLY: ClassVar[type[Any]] = Done
    peer: str
    gain_db: GainDb


class SetMute(Request[Done], frozen=True, kw_only=True):
    """cli, dashboard → audio: whether a talker is heard in the mix."""

    WORKER: ClassVar[str] = "audio"
    REPLY: ClassVar[type[Any]] = Done
    peer: str
    muted: bool


class SetSolo(Request[Done], frozen=True, kw_only=True):
    """cli, dashboard → audio: while anybody is solo, only those who are solo are heard."""

    WORKER: ClassVar[str] = "audio"
    REPLY: ClassVar[type[Any]] = Done
    peer: str
    solo: bool


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


class StartRecording(Request[Recording], frozen=True, kw_only=True):
    """cli, dashboard → recorder: record from now on, into a new folder.

    Refused while it records, and on a full disk.
    """

    WORKER: ClassVar[str] = "recorder"
    REPLY: ClassVar[type[Any]] = Recording
    name: str = ""
    """Suffix of the folder's name. Only letters, digits, `-` and `_` are kept."""


class StopRecording(Request[Recording], frozen=True, kw_only=True):
    """cli, dashboard → recorder: end the recording; answered when its files are finished.

    That takes half a second, and longer on a slow disk. Refused while nothing is recorded.
    """

    WORKER: ClassVar[str] = "recorder"
    REPLY: ClassVar[type[Any]] = Recording


class MarkRecording(Request[Recording], frozen=True, kw_only=True):
    """cli, dashboard → recorder: put a mark at this moment. Refused while nothing is recorded."""

    WORKER: ClassVar[str] = "recorder"
    REPLY: ClassVar[type[Any]] = Recording
    text: str = ""
    """Text of the mark, or empty for a number."""


REQUESTS: tuple[type[Request[Any]], ...] = (
    SignIn,
    AccessToken,
    WhoAmI,
    SignOut,
    ListParties,
    JoinParty,
    LeaveParty,
    CreateParty,
    RenameParty,
    SetVisibility,
    InvitePeople,
    KickMember,
    FollowPlayer,
    FindPictures,
    EndSignals,
    HoldOffers,
    SetVoiceChat,
    SetGain,
    SetMute,
    SetSolo,
    SetMaster,
    SelectDevice,
    StartRecording,
    StopRecording,
    MarkRecording,
)
"""Every request class."""
