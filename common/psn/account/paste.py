"""A parser for what a person pastes to sign in. No I/O.

It accepts an NPSSO, the JSON around it, or the redirect URL with its code. Everything else is a `SignInError`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from common.basic.text import decoded, untangled
from common.config.tables import PsnSettings
from common.errors import SignInError
from common.psn.account.npsso import ADDRESS, NPSSO, npsso_in
from common.psn.account.redirect import CODE, code_of_location
from common.psn.account.sign_in_errors import get_npsso, wrong
from common.psn.shapes import as_dict, as_int, as_text

NOT_SIGNED_IN = 20
"""The NPSSO page's error_code for a browser that is not signed in."""
_DENIED = re.compile(r"access denied.*(?:reference\s*#|permission to access)", re.IGNORECASE | re.DOTALL)
"""Akamai's page."""
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_MAIL = re.compile(r"\S+@\S+\.\S+")
_JWT = re.compile(r"eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_.-]+")
_OTHER_APPS = ("remoteplay.dl.playstation.net",)
"""Hosts where the sign-in of Sony's other apps ends: Remote Play [seen: chiaki]."""


@dataclass(frozen=True)
class Npsso:
    """The browser session's key, as sensitive as a password."""

    value: str


@dataclass(frozen=True)
class Code:
    """A one-time authorisation code, valid for minutes."""

    value: str


def read_paste(text: str, psn: PsnSettings) -> Npsso | Code:
    """Return what the person pasted. Raises a `SignInError` that says what it was instead.

    It is found inside quotes of any kind, JSON in Markdown, a cookie header, percent-encoding, and with line breaks
    from a mail or a terminal.
    """
    plain = untangled(text).strip()
    bare = plain.strip("\"'`").strip()
    if not bare:
        raise wrong("empty", "Nothing was pasted.", get_npsso(psn))
    refused: SignInError | None = None
    for form in decoded(bare):
        try:
            return _found(form, psn)
        except SignInError as error:
            refused = refused or error
    assert refused is not None  # `decoded` returns at least one text
    raise refused


def _found(text: str, psn: PsnSettings) -> Npsso | Code:
    remedy = get_npsso(psn)
    if npsso := npsso_in(text):
        return Npsso(npsso)
    if _DENIED.search(text):
        raise wrong(
            "blocked",
            "That is PlayStation's page `Access Denied`: it blocks your browser's internet address for now.",
            "Wait some hours, or use another internet connection (no VPN), and open the page again.",
        )
    if text.startswith(("{", "[")):
        return _of_json(text, remedy)
    if text.startswith("<") and not ADDRESS.match(text[1:]):
        raise wrong("wrong-page", "That is a page's source (HTML), not what the NPSSO page shows.", remedy)
    if address := ADDRESS.search(text):
        return _of_addresses(text, address.group(), psn, remedy)
    return _of_word(text, remedy)


def _of_addresses(text: str, address: str, psn: PsnSettings, remedy: str) -> Code:
    """Return the code of the address in `text`, even if line breaks split it."""
    joined = "".join(text[text.index(address) :].split())
    if "cid=" in joined and "cid=" not in address:  # a redirect ends with cid=, so the line was cut within the code
        address = joined
    try:
        return _of_url(address, psn, remedy)
    except SignInError as error:
        if error.code.endswith("other-client") or joined == address:
            raise
        try:
            return _of_url(joined, psn, remedy)
        except SignInError:
            raise error from None


def _of_word(text: str, remedy: str) -> Npsso | Code:
    if text.startswith("v3.") and CODE.fullmatch(joined := "".join(text.split())):
        return Code(joined)
    if _MAIL.fullmatch(text):
        raise wrong("wrong-page", "That is an e-mail address, not an NPSSO.", remedy)
    if _JWT.fullmatch(text):
        raise wrong("wrong-page", "That is an access token, not an NPSSO.", remedy)
    if _UUID.fullmatch(text):
        raise wrong("wrong-page", "That is an id (a UUID), not an NPSSO.", remedy)
    if not NPSSO.fullmatch(text):
        raise wrong("wrong-page", "That is no NPSSO: it is one word of 64 letters and digits.", remedy)
    return Npsso(text)


def _of_json(text: str, remedy: str) -> Npsso:
    try:
        data = as_dict(json.loads(text))
    except (ValueError, RecursionError) as error:
        raise wrong(
            "cut-off", "The pasted JSON is incomplete.", "Copy everything from { to } and paste it again."
        ) from error
    npsso = as_text(data.get("npsso")).strip()
    if NPSSO.fullmatch(npsso):
        return Npsso(npsso)
    error_code = as_int(data.get("error_code"))
    if error_code == NOT_SIGNED_IN:
        raise wrong("not-signed-in", "Your browser is not signed in to PlayStation (error_code 20).", remedy)
    if "error" in data or error_code:
        words = as_text(data.get("error_description")) or as_text(data.get("error"))
        raise wrong(
            "wrong-page", f"The page showed an error instead of an NPSSO: {words[:200]} ({error_code}).", remedy
        )
    raise wrong("wrong-page", "The pasted JSON has no npsso in it: it is another page's.", remedy)


def _of_url(text: str, psn: PsnSettings, remedy: str) -> Code:
    try:
        parts, own = urlsplit(text), urlsplit(psn.redirect_uri)
        query = {**parse_qs(parts.fragment), **parse_qs(parts.query)}
    except ValueError as error:
        raise wrong("wrong-page", "That address cannot be read.", remedy) from error
    ours = (parts.scheme, parts.netloc) == (own.scheme, own.netloc)
    other_client = query.get("client_id", [psn.client_id])[0] != psn.client_id
    other_app = not ours and (parts.scheme not in {"https", "http"} or parts.netloc.lower() in _OTHER_APPS)
    if "code" in query and (other_client or other_app):
        raise wrong(
            "other-client",
            "That code is for another PlayStation app: its redirect address or client id is not the one used here.",
            remedy,
        )
    if "error" in query or query.get("code"):
        return Code(code_of_location(text, psn))
    if ours or "code=" in text:
        raise wrong(
            "no-code",
            "That redirect address has no code in it: perhaps its end was cut off.",
            "Copy the whole address, up to its end, or paste an NPSSO.",
        )
    if parts.path == psn.sso_cookie_path:
        raise wrong("wrong-page", "That is the address of the page, not what it shows.", remedy)
    raise wrong("wrong-page", "That is the address of another page: it has no code in it.", remedy)
