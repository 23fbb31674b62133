"""Accounts, sign-in codes, tokens and refresh tokens. No I/O, no clock.

Facts: notes/auth.md. A code works once and lives for minutes. A refresh returns the same refresh token [seen: 2] or
another one. In the second case the first stays valid until its expiry, so that a client that died before it stored the
new one is not locked out. Neither case extends its life.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from common.config.tables import Psn
from simulator.facts import account as facts
from simulator.facts import rests_on
from simulator.facts.ways import Ways
from simulator.shared.refusals import Refused
from simulator.shared.seals import jwt, read_jwt, seal, unseal

CODE_LIFE_S = 180.0
REFRESH_LIFE_S = 10 * 86400
"""Ten days, as in the latest report, announced in `refresh_token_expires_in`."""
ACCESS_LIFE_S = 3599
AGE_COUNTRIES = ("GB", "IE")
"""Adult accounts of these countries must have verified their age since June 2026 [seen]."""
LOGIN_REQUIRED = 4165
NOT_SIGNED_IN = 20


@dataclass(frozen=True)
class Person:
    """One account."""

    account_id: str
    online_id: str
    npsso: str = ""
    """Cookie of the browser session. Empty for an account that nobody signs in to (consoles)."""
    country: str = "US"
    """`legal_country` of its tokens."""
    is_child: bool = False
    age_verified: bool = True

    @property
    def may_chat(self) -> bool:
        """Whether the account may be in parties. Not for children, and in GB and IE only with a verified age [open]."""
        return not self.is_child and (self.age_verified or self.country not in AGE_COUNTRIES)


@dataclass(frozen=True)
class Grant:
    """The person of a valid token, and the device that it was issued for."""

    person: Person
    duid: str


class OAuthRefused(Exception):  # noqa: N818  # an answer, not a fault
    """A refusal in OAuth's error format."""

    def __init__(
        self, error: str, description: str, error_code: int, *, status: int = 400, violation: bool = True
    ) -> None:
        super().__init__(description)
        self.error, self.description, self.error_code = error, description, error_code
        self.status, self.violation = status, violation

    def body(self) -> dict[str, Any]:
        return {
            "error": self.error,
            "error_description": self.description,
            "error_code": self.error_code,
            "docs": "https://auth.api.sonyentertainmentnetwork.com/docs/",
            "parameters": [],
        }


def npsso_of(name: str) -> str:
    """Return the NPSSO of an invented account, 64 letters and digits, the same in every run."""
    return "Sim0" + hashlib.sha256(f"npsso {name}".encode()).hexdigest()[:60]


class Accounts:
    """All accounts and all valid tokens."""

    def __init__(
        self,
        psn: Psn,
        *,
        access_life_s: float = ACCESS_LIFE_S,
        refresh_life_s: float = REFRESH_LIFE_S,
        note: Callable[[str, str], None] = lambda _kind, _secret: None,
        ways: Ways | None = None,
    ) -> None:
        self._psn = psn
        self._ways = ways or Ways()
        self._note = note
        """Called with the kind and text of every secret that is issued."""
        self.access_life_s = access_life_s
        self._refresh_life_s = refresh_life_s
        self.people: dict[str, Person] = {}
        self._codes: dict[str, tuple[Person, str, float]] = {}
        self._issued: dict[str, float] = {}
        self._revoked_at = 0.0
        self._cids: set[str] = set()

    def add(self, person: Person) -> Person:
        self._note("npsso", person.npsso)
        self.people[person.account_id] = person
        return person

    def by_npsso(self, npsso: str) -> Person | None:
        return next((person for person in self.people.values() if npsso and person.npsso == npsso), None)

    def by_online_id(self, online_id: str) -> Person | None:
        wanted = online_id.lower()
        return next((person for person in self.people.values() if person.online_id.lower() == wanted), None)

    # --- authorize -------------------------------------------------------------------------------

    @rests_on(facts.AUTHORIZE, facts.OTHER_CODES)
    def authorize(self, query: Mapping[str, str], npsso: str, sign_in_url: str, now: float) -> str:
        """Return the redirect target of the browser: the redirect URI with a code, or the sign-in page.

        Raises `OAuthRefused` on parameters that the real page would refuse.
        """
        expected = {
            "client_id": (self._psn.client_id, "invalid_client", 4102),
            "redirect_uri": (self._psn.redirect_uri, "invalid_request", 4103),
            "response_type": ("code", "unsupported_response_type", 4104),
            "access_type": ("offline", "invalid_request", 4105),
        }
        for key, (value, error, number) in expected.items():
            if query.get(key) != value:
                raise OAuthRefused(error, f"Bad {key}", number)
        if set(query.get("scope", "").split()) != set(self._psn.scope.split()):
            raise OAuthRefused("invalid_scope", "Bad scope", 4106)
        person = self.by_npsso(npsso)
        if person is None:
            said = {"error": "login_required", "error_code": LOGIN_REQUIRED, "error_description": "User must sign in"}
            return f"{sign_in_url}?{urlencode(said)}"
        code = f"v3.{secrets.token_urlsafe(6)[:6]}"
        self._note("code", code)
        self._codes[code] = (person, query.get("duid", ""), now + CODE_LIFE_S)
        return f"{self._psn.redirect_uri}?{urlencode({'code': code, 'cid': query.get('cid', '')})}"

    # --- token -----------------------------------------------------------------------------------

    @rests_on(facts.TOKEN_CALL, facts.OTHER_CODES)
    def token(self, form: Mapping[str, str], authorization: str, correlation_id: str, now: float) -> dict[str, Any]:
        """Return the answer of the token endpoint. Raises `OAuthRefused`."""
        self._check_client(authorization)
        self._check_cid(form.get("cid", ""), correlation_id)
        if form.get("token_format") != "jwt":
            raise OAuthRefused("invalid_request", "Bad token_format", 4107)
        kind = form.get("grant_type")
        if kind == "authorization_code":
            person, duid = self._take_code(form, now)
            return self._grant(person, duid, kind, now + self._refresh_life_s, now)
        if kind == "refresh_token":
            person, duid, ends = self._check_refresh(form, now)
            same = form.get("refresh_token", "") if self._ways.of(facts.REFRESH_SAME) == "same" else ""
            return self._grant(person, duid, kind, ends, now, same)
        raise OAuthRefused("unsupported_grant_type", "Bad grant_type", 4108)

    @rests_on(facts.TOKEN_CALL)
    def _check_client(self, authorization: str) -> None:
        scheme, _, text = authorization.partition(" ")
        try:
            pair = base64.b64decode(text, validate=True).decode()
        except (binascii.Error, ValueError):
            pair = ""
        if scheme.lower() != "basic" or pair != f"{self._psn.client_id}:{self._psn.client_secret}":
            raise OAuthRefused("invalid_client", "Bad client credentials", 4102, status=401)

    @rests_on(facts.TOKEN_CALL)
    def _check_cid(self, cid: str, correlation_id: str) -> None:
        if not is_uuid(cid) or cid != correlation_id:
            raise OAuthRefused("invalid_request", "cid is no UUID, or not that of X-Psn-Correlation-Id", 4109)
        if cid in self._cids:
            raise OAuthRefused("invalid_request", "cid was used before", 4110)
        self._cids.add(cid)

    @rests_on(facts.CODE, facts.INVALID_GRANT)
    def _take_code(self, form: Mapping[str, str], now: float) -> tuple[Person, str]:
        person, duid, ends = self._codes.pop(form.get("code", ""), (None, "", 0.0))
        if form.get("redirect_uri") != self._psn.redirect_uri:
            raise OAuthRefused("invalid_grant", "Redirect URI mismatch", 4111)
        if person is None or now > ends:
            raise OAuthRefused("invalid_grant", "Invalid authorization code", 4112, violation=False)
        return person, duid

    @rests_on(facts.REFRESH_SAME, facts.INVALID_GRANT)
    def _check_refresh(self, form: Mapping[str, str], now: float) -> tuple[Person, str, float]:
        if set(form.get("scope", "").split()) != set(self._psn.scope.split()):
            raise OAuthRefused("invalid_scope", "Bad scope", 4106)
        content = unseal(form.get("refresh_token", "")) or {}
        person = self.people.get(str(content.get("account_id")))
        ends = float(content.get("ends", 0.0))
        if person is None or now > ends:
            raise OAuthRefused("invalid_grant", "Invalid refresh token", 4159, violation=False)
        return person, str(content.get("duid", "")), ends

    @rests_on(facts.TOKEN_ANSWER, facts.CLAIMS)
    def _grant(  # noqa: PLR0913, PLR0917  # the claims of a token
        self, person: Person, duid: str, kind: str, refresh_ends: float, now: float, refresh_token: str = ""
    ) -> dict[str, Any]:
        """Return the answer. An empty `refresh_token` issues a new one."""
        jti = str(uuid.uuid4())
        self._issued[jti] = now
        claims = {
            "account_id": person.account_id,
            "account_uuid": str(uuid.uuid5(uuid.NAMESPACE_OID, person.account_id)),
            "client_id": self._psn.client_id,
            "dcim_id": duid,
            "device_type": "ANDROID_APP",
            "env_iss_id": "256",
            "exp": int(now + self.access_life_s),
            "grant_type": kind,
            "iat": int(now),
            "is_child": person.is_child,
            "iss": "https://auth.account.sony.com/",
            "jti": jti,
            "legal_country": person.country,
            "locale": "en-US",
            "ver": "3.0",
        }
        refresh = {"account_id": person.account_id, "duid": duid, "ends": refresh_ends, "n": jti}
        given = {
            "access_token": jwt(claims),
            "token_type": "bearer",
            "expires_in": int(self.access_life_s),
            "scope": self._psn.scope,
            "id_token": jwt({"sub": person.account_id, "iat": int(now)}),
            "refresh_token": refresh_token or seal(refresh),
            "refresh_token_expires_in": max(0, int(refresh_ends - now)),
        }
        for secret in ("access_token", "id_token", "refresh_token"):
            self._note(secret, str(given[secret]))
        return given

    # --- what a token is worth -------------------------------------------------------------------

    @rests_on(facts.TOKEN_ANSWER)
    def bearer(self, authorization: str, now: float) -> Grant:
        """Return the sender of this Authorization header. Raises `Refused` (401)."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Refused(401, "no Bearer token")
        return self.access(token, now)

    @rests_on(facts.TOKEN_ANSWER)
    def access(self, token: str, now: float) -> Grant:
        """Return the owner of an access token. Raises `Refused` (401) if it is expired or was not issued here."""
        claims = read_jwt(token)
        person = self.people.get(str((claims or {}).get("account_id")))
        if claims is None or person is None or "exp" not in claims:
            raise Refused(401, "an access token that was never given")
        issued = self._issued.get(str(claims["jti"]), float(claims["iat"]))
        if now >= float(claims["exp"]) or issued <= self._revoked_at:
            raise Refused(401, "an expired access token", violation=False)
        return Grant(person, str(claims.get("dcim_id", "")))

    def expire_access_tokens(self, now: float) -> None:
        """Expire every access token issued so far."""
        self._revoked_at = now


def is_uuid(text: object) -> bool:
    """Return whether `text` is a UUID in its canonical form."""
    if not isinstance(text, str) or len(text) != 36:
        return False
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False
