"""The sign-in: authorize, and the token endpoint with its codes and refresh tokens. No I/O, no clock.

Facts: notes/auth.md. A code works once and lives for minutes. A refresh returns the same refresh token [seen: 2] or
another one. In the second case the first stays valid until its expiry, so that a client that died before it stored the
new one is not locked out. Neither case extends its life.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from common.config.tables import PsnSettings
from simulator.account.accounts import Accounts, Issued, Person
from simulator.account.tokens import AccessTokens
from simulator.facts import account as facts
from simulator.facts import rests_on
from simulator.facts.ways import Ways
from simulator.shared.signed_tokens import read_signed
from simulator.shared.uuids import is_uuid

CODE_LIFE_S = 180.0
REFRESH_LIFE_S = 10 * 86400
"""Ten days, as in the latest report, announced in `refresh_token_expires_in`."""
LOGIN_REQUIRED = 4165
NOT_SIGNED_IN = 20


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


class OAuth:
    """Sony's sign-in server."""

    def __init__(
        self,
        psn: PsnSettings,
        accounts: Accounts,
        tokens: AccessTokens,
        ways: Ways,
        issued: Issued,
    ) -> None:
        self._psn = psn
        self._accounts = accounts
        self._tokens = tokens
        self._ways = ways
        self._issued = issued
        self._codes: dict[str, tuple[Person, str, float]] = {}
        self._cids: set[str] = set()

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
        person = self._accounts.by_npsso(npsso)
        if person is None:
            said = {"error": "login_required", "error_code": LOGIN_REQUIRED, "error_description": "User must sign in"}
            return f"{sign_in_url}?{urlencode(said)}"
        code = f"v3.{secrets.token_urlsafe(6)[:6]}"
        self._issued("code", code)
        self._codes[code] = (person, query.get("duid", ""), now + CODE_LIFE_S)
        return f"{self._psn.redirect_uri}?{urlencode({'code': code, 'cid': query.get('cid', '')})}"

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
            return self._tokens.issue(person, duid, kind, now + REFRESH_LIFE_S, now)
        if kind == "refresh_token":
            person, duid, ends = self._check_refresh(form, now)
            same = form.get("refresh_token", "") if self._ways.of(facts.REFRESH_SAME) == "same" else ""
            return self._tokens.issue(person, duid, kind, ends, now, same)
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
        content = read_signed(form.get("refresh_token", "")) or {}
        person = self._accounts.people.get(str(content.get("account_id")))
        ends = float(content.get("ends", 0.0))
        if person is None or now > ends:
            raise OAuthRefused("invalid_grant", "Invalid refresh token", 4159, violation=False)
        return person, str(content.get("duid", "")), ends
