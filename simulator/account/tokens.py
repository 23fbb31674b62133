"""Access tokens: issuing them, and what one is worth. No I/O, no clock. Facts: notes/auth.md."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from common.config.tables import PsnSettings
from simulator.account.accounts import Accounts, Issued, Person
from simulator.facts import account as facts
from simulator.facts import rests_on
from simulator.shared.refusals import Refused
from simulator.shared.signed_tokens import jwt, read_jwt, sign

ACCESS_LIFE_S = 3599


@dataclass(frozen=True)
class TokenOwner:
    """The person of a valid token, and the device that it was issued for."""

    person: Person
    duid: str


class AccessTokens:
    """All valid access tokens."""

    def __init__(self, psn: PsnSettings, accounts: Accounts, life_s: float, issued: Issued) -> None:
        self._psn = psn
        self._accounts = accounts
        self._on_issued = issued
        self.life_s = life_s
        """Life of those that are issued from now on."""
        self._issued: dict[str, float] = {}
        self._revoked_at = 0.0

    @rests_on(facts.TOKEN_ANSWER, facts.CLAIMS)
    def issue(  # noqa: PLR0913, PLR0917  # the claims of a token
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
            "exp": int(now + self.life_s),
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
            "expires_in": int(self.life_s),
            "scope": self._psn.scope,
            "id_token": jwt({"sub": person.account_id, "iat": int(now)}),
            "refresh_token": refresh_token or sign(refresh),
            "refresh_token_expires_in": max(0, int(refresh_ends - now)),
        }
        for secret in ("access_token", "id_token", "refresh_token"):
            self._on_issued(secret, str(given[secret]))
        return given

    @rests_on(facts.TOKEN_ANSWER)
    def bearer(self, authorization: str, now: float) -> TokenOwner:
        """Return the sender of this Authorization header. Raises `Refused` (401)."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Refused(401, "no Bearer token")
        return self.access(token, now)

    @rests_on(facts.TOKEN_ANSWER)
    def access(self, token: str, now: float) -> TokenOwner:
        """Return the owner of an access token. Raises `Refused` (401) if it is expired or was not issued here."""
        claims = read_jwt(token)
        person = self._accounts.people.get(str((claims or {}).get("account_id")))
        if claims is None or person is None or "exp" not in claims:
            raise Refused(401, "an access token that was never given")
        issued = self._issued.get(str(claims["jti"]), float(claims["iat"]))
        if now >= float(claims["exp"]) or issued <= self._revoked_at:
            raise Refused(401, "an expired access token", violation=False)
        return TokenOwner(person, str(claims.get("dcim_id", "")))

    def expire_all(self, now: float) -> None:
        """Expire every access token issued so far."""
        self._revoked_at = now
