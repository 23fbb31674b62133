"""The calls of a sign-in: paste → code → tokens → account. Used by the worker and by `sign-in`."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator

import msgspec
import structlog

from common.config.tables import Settings
from common.errors import PartylineError, SignInError
from common.files.paths import Paths
from common.log import logs
from common.psn.account import jwt, oauth, paste, profiles, redirect, sign_in_errors
from common.psn.errors import BlockedError, PsnError, RateLimitedError, UnauthorizedError
from common.psn.http.client import Call, PsnClient, fingerprint
from common.psn.http.endpoints import EndpointSource
from common.psn.shapes import as_dict, as_id, as_name
from common.requests import Token
from workers.auth.stored.device_id import duid
from workers.auth.stored.token_set import TokenSet


class AccountClient:
    """A client of the account host. Stores nothing."""

    def __init__(self, settings: Settings, paths: Paths) -> None:
        self._psn = settings.psn
        self._endpoints = EndpointSource(settings, paths)
        self._new = _NewTokens()
        self._http = PsnClient(settings.psn, self._endpoints, self._new)
        self._spent: set[str] = set()
        self.duid = duid(paths.state / "duid")

    @property
    def endpoints(self) -> EndpointSource:
        return self._endpoints

    @property
    def calls(self) -> int:
        return self._http.calls

    async def close(self) -> None:
        await self._http.close()

    async def drop_connections(self) -> None:
        """See `PsnClient.drop_connections`."""
        await self._http.drop_connections()

    async def sign_in(self, pasted: str, now: float, origin: str = "") -> TokenSet:
        """Return tokens for the pasted text. `origin` is the paired machine that asked.

        Raises `SignInError` with a remedy, or `PsnError` if the network or Sony failed.
        """
        try:
            with _unexpected_errors_wrapped():
                return msgspec.structs.replace(await self._sign_in(pasted, now), signed_in_from=origin)
        except (RateLimitedError, BlockedError) as error:
            raise sign_in_errors.held_off(error) from error

    async def _sign_in(self, pasted: str, now: float) -> TokenSet:
        read = paste.read_paste(pasted, self._psn)
        logs.remember(read.value)
        code = read if isinstance(read, paste.Code) else await self._code(read)
        logs.remember(code.value)
        if fingerprint(code.value) in self._spent:
            raise sign_in_errors.spent()
        cid = str(uuid.uuid4())
        try:
            grant = await self._grant(oauth.code_form(self._psn, code.value, cid), cid)
        except PsnError as error:
            refused = sign_in_errors.refused_code(error, self._psn, pasted=isinstance(read, paste.Code))
            if refused is None:
                raise
            raise refused from error
        self._spent.add(fingerprint(code.value))
        if not grant.refresh_token:
            raise SignInError("PlayStation issued no refresh token.", "Try again with a new NPSSO.")
        return await self._with_account(_tokens(grant, None, now))

    async def refresh(self, tokens: TokenSet, now: float) -> TokenSet:
        """Return new tokens. Raises `PsnError`, which is permanent if `oauth.is_final`."""
        cid = str(uuid.uuid4())
        with _unexpected_errors_wrapped():
            grant = await self._grant(oauth.refresh_form(self._psn, tokens.refresh_token, cid), cid)
            return _tokens(grant, tokens, now)

    async def online_id(self, tokens: TokenSet) -> str:
        """Return the account's online id."""
        self._new.set(tokens)
        with _unexpected_errors_wrapped():
            answer = await self._http.call(Call("GET", "mobile", profiles.profile_path(tokens.account_id)))
        profile = as_dict(answer.data)
        return as_name(profile.get("onlineId")) or as_name(as_dict(profile.get("profile")).get("onlineId"))

    async def _code(self, npsso: paste.Npsso) -> paste.Code:
        query = oauth.authorize_url(oauth.AUTHORIZE_PATH, self._psn, cid=str(uuid.uuid4()), duid=self.duid)
        answer = await self._http.call(
            Call("GET", "account", query, headers={"Cookie": f"npsso={npsso.value}"}, signed=False)
        )
        location = answer.headers.get("location", "")
        return paste.Code(redirect.code_of_location(location, self._psn, npsso_length=len(npsso.value)))

    async def _grant(self, form: dict[str, str], cid: str) -> oauth.Grant:
        answer = await self._http.call(
            Call(
                "POST",
                "account",
                oauth.TOKEN_PATH,
                form=form,
                headers={"X-Psn-Correlation-Id": cid},
                basic=(self._psn.client_id, self._psn.client_secret),
                signed=False,
            )
        )
        return oauth.read_grant(answer.data)

    async def _with_account(self, tokens: TokenSet) -> TokenSet:
        """Fill in the account id, from a claim of the token [seen] or else by a request."""
        if tokens.account_id:
            return tokens
        self._new.set(tokens)
        answer = await self._http.call(Call("GET", "dms", "/api/v1/devices/accounts/me"))
        account_id = as_id(as_dict(answer.data).get("accountId"))
        if not account_id:
            raise SignInError("PlayStation did not name the account.", "Try again. If that does not help, report it.")
        return msgspec.structs.replace(tokens, account_id=account_id)


@contextlib.contextmanager
def _unexpected_errors_wrapped() -> Iterator[None]:
    """Turn an unexpected exception into a `PartylineError`, so that auth does not crash.

    Each restart would call PlayStation again, with a refresh token that may be spent by then.
    """
    try:
        yield
    except PartylineError:
        raise
    except Exception as error:
        structlog.get_logger("auth").exception("unexpected error in a call of the account server")
        raise PartylineError(
            f"A call of PlayStation's account server failed unexpectedly ({type(error).__name__}).",
            "Try again. If that does not help, report it with the log of auth.",
            code="auth.fault",
        ) from error


class _NewTokens:
    """A `TokenSource` for the token that auth is about to store."""

    def __init__(self) -> None:
        self._tokens: TokenSet | None = None

    def set(self, tokens: TokenSet) -> None:
        self._tokens = tokens

    async def token(self, rejected: str = "") -> Token:
        if self._tokens is None or rejected:
            raise UnauthorizedError("PlayStation does not accept a token that it has just issued.", status=401)
        return Token(
            access_token=self._tokens.access_token,
            account_id=self._tokens.account_id,
            duid="",
            expires_at=self._tokens.access_expires_at,
        )


def _tokens(grant: oauth.Grant, before: TokenSet | None, now: float) -> TokenSet:
    refresh_token = grant.refresh_token or (before.refresh_token if before else "")
    refresh_expires_at = now + grant.refresh_expires_in if grant.refresh_expires_in else 0.0
    return TokenSet(
        access_token=grant.access_token,
        refresh_token=refresh_token,
        issued_at=now,
        access_expires_at=now + grant.expires_in,
        refresh_expires_at=refresh_expires_at or (before.refresh_expires_at if before else 0.0),
        signed_in_at=before.signed_in_at if before else now,
        account_id=jwt.claims(grant.access_token).account_id or (before.account_id if before else ""),
        online_id=before.online_id if before else "",
        signed_in_from=before.signed_in_from if before else "",
    )
