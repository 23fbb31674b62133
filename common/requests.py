"""Every request: a question to one worker, answered with `REPLY`.

It goes straight to that worker's own socket, without the broker. Where it cannot be answered, a typed
`common.errors.PartylineError` comes back, which carries a remedy. Replies may hold secrets; messages may not.
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
    """The plain answer: it is done."""

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
    """The network to sign in to; empty: that of auth's realm. From the simulator's realm the tokens are only kept:
    that realm and its demo go on, and an auth of the other realm finds them."""


class AccessToken(Request[Token], frozen=True, kw_only=True):
    """session, signaling → auth: before the first call, and after a 401."""

    WORKER: ClassVar[str] = "auth"
    REPLY: ClassVar[type[Any]] = Token
    rejected: str = ""
    """`common.psn.http.client.fingerprint` of the token that met a 401: auth refreshes only if it still holds that
    one."""


class SignInInfo(msgspec.Struct, frozen=True, kw_only=True):
    """Whose sign-in auth holds, and where its tokens lie. Never carries a token."""

    auth: AuthState
    store: Literal["keychain", "file", ""]
    """Where the tokens lie; empty when there are none."""
    file: str = ""
    """Path of the file, where `store` is ``file``."""


class WhoAmI(Request[SignInInfo], frozen=True, kw_only=True):
    """cli → auth: who is signed in, for how long, and where the tokens lie."""

    WORKER: ClassVar[str] = "auth"
    REPLY: ClassVar[type[Any]] = SignInInfo


class SignOut(Request[Done], frozen=True, kw_only=True):
    """cli → auth: forget the sign-in to PlayStation Network, in keychain and file, whatever the realm.

    The simulator's demo account stays. Leaving the party first is the asker's task.
    """

    WORKER: ClassVar[str] = "auth"
    REPLY: ClassVar[type[Any]] = Done


class PartySummary(msgspec.Struct, frozen=True, kw_only=True):
    """One party that we are in or may join."""

    session_id: str
    name: str = ""
    owner: str = ""
    """Online id of the host, else the account id."""
    members: tuple[Member, ...] = ()
    max_members: int = 16
    joinable: bool = True
    standing: Literal["in", "invited", "open"] = "open"
    """Whether we are in it, invited into it, or may join it anyway."""
    invited_by: str = ""
    """Online id, else account id; empty where it is not known."""


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
    """Session id, share link or cpssId. Empty: the only party there is to join."""


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
    """Friends of its members may join; otherwise only who is invited or has the link."""


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
    """The answer to `InvitePeople`: online ids as PlayStation spells them."""

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
    """Peer key; the account's other devices go too."""


class FollowPlayer(Request[Done], frozen=True, kw_only=True):
    """cli, dashboard → session: be in whatever party that account is in, from now on."""

    WORKER: ClassVar[str] = "session"
    REPLY: ClassVar[type[Any]] = Done
    online_id: str
    """Empty: follow nobody any more; the present party goes on."""


class Pictures(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to `FindPictures`."""

    urls: dict[str, str] = {}
    """Account id → URL as PlayStation gave it; who has no picture is not in it."""


class FindPictures(Request[Pictures], frozen=True, kw_only=True):
    """dashboard → session: where are these people's pictures? One call to PlayStation for all of them."""

    WORKER: ClassVar[str] = "session"
    REPLY: ClassVar[type[Any]] = Pictures
    account_ids: tuple[str, ...]


class EndSignals(Request[Done], frozen=True, kw_only=True):
    """session → signaling, before the leave call: send nothing more in that party, and withdraw from its bridge.

    Answered when no message is on its way any more, or after 3 s. The leave goes on whatever comes of it.
    """

    WORKER: ClassVar[str] = "signaling"
    REPLY: ClassVar[type[Any]] = Done
    session_id: str


class HoldOffers(Request[Done], frozen=True, kw_only=True):
    """cli → media: do not offer by ourselves for a while, to see what the others do (`partyline probe`).

    What they offer is answered. It ends by itself, so whoever asks for longer asks again.
    """

    WORKER: ClassVar[str] = "media"
    REPLY: ClassVar[type[Any]] = Done
    for_s: Annotated[float, msgspec.Meta(ge=0, le=20)]
    """0 … 20 s from now on; 0: offers are free again."""
    meet: bool = False
    """Meet an offer that comes meanwhile with one of ours, and answer it a little later: a glare on purpose."""


class SetVoiceChat(Request[Done], frozen=True, kw_only=True):
    """session, cli → signaling: have the push channel in voice chat before a create or join, and idle after a leave.

    Answered when the push server has accepted it. Refused with `PartyError` when it does not, and when the channel is
    not open.
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
    """The mix is held back by so much, to match the video."""
    levelling: bool | None = None
    """Bring quiet and loud talkers to one loudness."""
    newcomer_gain_db: GainDb | None = None
    """Gain of talkers for whom none was chosen."""


class SelectDevice(Request[Devices], frozen=True, kw_only=True):
    """cli, dashboard → audio: play on this device from now on."""

    WORKER: ClassVar[str] = "audio"
    REPLY: ClassVar[type[Any]] = Devices
    name: str
    """Part of its name; empty: follow the system's default."""


class StartRecording(Request[Recording], frozen=True, kw_only=True):
    """cli, dashboard → recorder: record from now on, into a new folder.

    Refused while it records, and on a full disk.
    """

    WORKER: ClassVar[str] = "recorder"
    REPLY: ClassVar[type[Any]] = Recording
    name: str = ""
    """Added to the folder's name, as far as it is letters, digits, `-` and `_`."""


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
    """What it says; empty: it gets a number."""


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
