"""The account, its tokens and people's pictures."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import msgspec

from common.log.secret import Guarded, Secret
from common.messages import AuthState
from common.requests.base import Done, Request


class Token(Guarded, frozen=True, kw_only=True):
    """An access token. Travels as a reply on auth's own socket, never as a `Message`."""

    access_token: Secret
    account_id: str
    duid: str
    expires_at: float
    """Unix seconds."""


class SignIn(Request[AuthState], frozen=True, kw_only=True):
    """cli, dashboard, gate → auth: sign in with what the person pasted (NPSSO, its JSON, or the redirect URL)."""

    WORKER: ClassVar[str] = "auth"
    REPLY: ClassVar[type[Any]] = AuthState
    pasted: str
    realm: Literal["", "playstation"] = ""
    """The network to sign in to, or empty for that of auth's realm. In the simulator's realm, PlayStation's tokens are
    only stored. That realm and its demo go on, and an auth of the other realm finds the tokens."""
    origin: str = ""
    """Name of the paired machine that asks, which only the gate sets. Empty for this machine."""


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
    """cli, gate → auth: forget the sign-in to PlayStation Network, in keychain and file, whatever the realm.

    The simulator's demo account stays. The requester must leave the party first.
    """

    WORKER: ClassVar[str] = "auth"
    REPLY: ClassVar[type[Any]] = Done


class Pictures(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to `FindPictures`."""

    urls: dict[str, str] = {}
    """Account id → URL as received from PlayStation. Accounts without a picture are missing."""


class FindPictures(Request[Pictures], frozen=True, kw_only=True):
    """dashboard → session: where are these people's pictures? One call to PlayStation for all of them."""

    WORKER: ClassVar[str] = "session"
    REPLY: ClassVar[type[Any]] = Pictures
    account_ids: tuple[str, ...]
