"""Sony's sign-in as URLs, forms and answers, without any I/O. Facts: notes on psn-protocol, section 2.

The person signs in in their own browser; what they paste is an NPSSO, the JSON around it, or the
redirect URL. Everything that can be wrong with a paste is a `SignInError` with its own remedy.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from common.errors import SignInError
from common.psn.errors import BadAnswerError, PsnError
from common.psn.shapes import as_dict, as_int, as_text
from common.settings import Psn

AUTHORIZE_PATH = "/api/authz/v3/oauth/authorize"
TOKEN_PATH = "/api/authz/v3/oauth/token"  # noqa: S105  # a path
NOT_SIGNED_IN = 20
LOGIN_REQUIRED = 4165

_NPSSO = re.compile(r"[A-Za-z0-9._~+/=-]{16,512}")
"""64 letters and digits [seen]; the length is Sony's, so it is not checked exactly."""
_CODE = re.compile(r"[A-Za-z0-9._~+/=-]{1,2048}")
_GET_NPSSO = (
    "Sign in at https://www.playstation.com in your browser, open {page} in the same browser, and paste what it shows."
)


@dataclass(frozen=True)
class Npsso:
    """The browser session's key; worth as much as a password."""

    value: str


@dataclass(frozen=True)
class Code:
    """A one-time authorisation code, valid for minutes."""

    value: str


@dataclass(frozen=True)
class Grant:
    """What the token endpoint gave. `refresh_token` is empty when it sent none: the old one stays."""

    access_token: str
    refresh_token: str
    expires_in: float
    """Seconds."""
    refresh_expires_in: float
    """Seconds; 0 when it did not say."""


def npsso_page(psn: Psn) -> str:
    """Return the address of the page that shows a signed-in person their NPSSO."""
    return psn.account_url.rstrip("/") + psn.sso_cookie_path


def read_paste(text: str, psn: Psn) -> Npsso | Code:
    """Return what the person pasted; raises `SignInError` that says what it was instead."""
    text = text.strip().strip("\"'`").strip()
    remedy = _GET_NPSSO.format(page=npsso_page(psn))
    if not text:
        raise SignInError("Nothing was pasted.", remedy)
    if text.startswith("{"):
        return _of_json(text, remedy)
    if "://" in text or text.startswith(("com.scee.", "www.")):
        return _of_url(text, psn, remedy)
    text = text.removeprefix("npsso=").rstrip(";")
    if text.startswith("v3.") and _CODE.fullmatch(text):
        return Code(text)
    if not _NPSSO.fullmatch(text):
        raise SignInError("That is no NPSSO: it is one word of 64 letters and digits.", remedy)
    return Npsso(text)


def _of_json(text: str, remedy: str) -> Npsso:
    try:
        data = as_dict(json.loads(text))
    except (ValueError, RecursionError) as error:
        raise SignInError(
            "The pasted JSON is incomplete.", "Copy everything from { to } and paste it again."
        ) from error
    npsso = as_text(data.get("npsso")).strip()
    if _NPSSO.fullmatch(npsso):
        return Npsso(npsso)
    error_code = as_int(data.get("error_code"))
    if error_code == NOT_SIGNED_IN:
        raise SignInError("Your browser is not signed in to PlayStation (error_code 20).", remedy)
    if "error" in data or error_code:
        words = as_text(data.get("error_description")) or as_text(data.get("error"))
        raise SignInError(f"The page showed an error instead of an NPSSO: {words[:200]} ({error_code}).", remedy)
    raise SignInError("The pasted JSON has no npsso in it.", remedy)


def _of_url(text: str, psn: Psn, remedy: str) -> Code:
    try:
        parts = urlsplit(text)
        query = {**parse_qs(parts.fragment), **parse_qs(parts.query)}
    except ValueError as error:
        raise SignInError("That address cannot be read.", remedy) from error
    if "code" in query or "error" in query:
        return Code(code_of_location(text))
    if parts.path == psn.sso_cookie_path:
        raise SignInError("That is the address of the page, not what it shows.", remedy)
    raise SignInError("That is the address of another page: it has no code in it.", remedy)


def authorize_url(base: str, psn: Psn, *, cid: str, duid: str) -> str:
    """Return the URL to get (with the cookie ``npsso=…``); its answer's Location goes to `code_of_location`."""
    query = {
        "access_type": "offline",
        "cid": cid,
        "client_id": psn.client_id,
        "duid": duid,
        "redirect_uri": psn.redirect_uri,
        "response_type": "code",
        "scope": psn.scope,
        "service_entity": "urn:service-entity:psn",
    }
    return f"{base}?{urlencode(query)}"


def code_of_location(location: str) -> str:
    """Return the code in a redirect's Location; raises `SignInError` when it says login_required or the like."""
    try:
        parts = urlsplit(location)
        query = {**parse_qs(parts.fragment), **parse_qs(parts.query)}
    except ValueError as error:
        raise SignInError("PlayStation's answer to the sign-in cannot be read.", "Try again.") from error
    code = query.get("code", [""])[0]
    if code and _CODE.fullmatch(code):
        return code
    if "error" not in query:
        raise SignInError(
            "PlayStation sent the sign-in on to another page instead of giving a code.",
            "Open that account in your browser: it may ask for something (new terms of use, a 2-step code). "
            "Then try again.",
        )
    error_code = query.get("error_code", ["0"])[0][:20]
    raise _refused(query["error"][0][:80], error_code, query.get("error_description", [""])[0][:200])


def _refused(name: str, error_code: str, words: str) -> SignInError:
    if name == "login_required" or error_code == str(LOGIN_REQUIRED):
        return SignInError(
            f"PlayStation did not accept the NPSSO ({name}, {error_code}): it has expired, "
            "or another sign-in in the same browser has ended it.",
            "Get a fresh one; if it is fresh, open https://www.playstation.com in that browser and accept the "
            "new terms of use first. Use a private window for each account.",
        )
    if "terms" in words.lower() or "terms" in name.lower() or "consent" in name.lower():
        return SignInError(
            f"PlayStation wants its terms of use accepted first ({name}, {error_code}).",
            "Open https://www.playstation.com in your browser, sign in, accept them, then try again.",
        )
    return SignInError(
        f"PlayStation refused the sign-in: {name} ({error_code}) {words}".rstrip() + ".",
        "Get a fresh NPSSO and try again; if it stays, report these words.",
    )


def code_form(psn: Psn, code: str, cid: str) -> dict[str, str]:
    """Return the token endpoint's form for a code [seen]."""
    return {
        "token_format": "jwt",
        "grant_type": "authorization_code",
        "redirect_uri": psn.redirect_uri,
        "code": code,
        "cid": cid,
    }


def refresh_form(psn: Psn, refresh_token: str, cid: str) -> dict[str, str]:
    """Return the token endpoint's form for a refresh [seen]; `cid` belongs to the header of that name."""
    return {
        "token_format": "jwt",
        "grant_type": "refresh_token",
        "refresh_token": refresh_token,
        "scope": psn.scope,
        "cid": cid,
    }


def read_grant(data: Any) -> Grant:
    """Return what the token endpoint answered; raises `BadAnswerError`."""
    answer = as_dict(data)
    access = as_text(answer.get("access_token"))
    expires_in = as_int(answer.get("expires_in"))
    if not access or expires_in <= 0:
        raise BadAnswerError("The token endpoint's answer has no access token with a life.")
    return Grant(
        access_token=access,
        refresh_token=as_text(answer.get("refresh_token")),
        expires_in=expires_in,
        refresh_expires_in=as_int(answer.get("refresh_token_expires_in")),
    )


def is_final(error: PsnError) -> bool:
    """Return whether a refused refresh is final: only ``invalid_grant`` is; 5xx and network faults pass."""
    return 400 <= error.status < 500 and oauth_error(error.details) == "invalid_grant"


def oauth_error(details: Mapping[str, Any]) -> str:
    """Return OAuth's own error name from an error body, if it is of that shape."""
    return as_text(details.get("error"))
