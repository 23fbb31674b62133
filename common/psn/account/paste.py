"""A parser for what a person pastes to sign in, and its errors. No I/O.

It accepts an NPSSO, the JSON around it, or the redirect URL with its code. Everything else, and every refusal by
PlayStation, is a `SignInError` with its own code (`auth.sign-in.…`), one sentence and a remedy.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from common.basic.text import decoded, untangled
from common.config.tables import Psn
from common.errors import SignInError
from common.psn.account.npsso import ADDRESS, NPSSO, NPSSO_LENGTH, npsso_in
from common.psn.errors import PsnError, RateLimitedError
from common.psn.shapes import as_dict, as_int, as_text

NOT_SIGNED_IN = 20
LOGIN_REQUIRED = 4165
LONG_WAIT_MIN = 15
"""Least wait in minutes that is shown after `too many requests`, the account's window [seen]."""
CODES = tuple(
    f"auth.sign-in.{name}"
    for name in (
        "empty", "wrong-page", "cut-off", "not-signed-in", "no-code", "other-client", "expired", "used", "terms",
        "rate", "blocked", "client", "refused",
    )
)  # fmt: skip
"""Every code of this module's errors."""

_CODE = re.compile(r"[A-Za-z0-9._~+/=-]{1,2048}")
_DENIED = re.compile(r"access denied.*(?:reference\s*#|permission to access)", re.IGNORECASE | re.DOTALL)
"""Akamai's page."""
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_MAIL = re.compile(r"\S+@\S+\.\S+")
_JWT = re.compile(r"eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_.-]+")
_OTHER_APPS = ("remoteplay.dl.playstation.net",)
"""Hosts where the sign-in of Sony's other apps ends: Remote Play [seen: chiaki]."""
_GET_NPSSO = "Sign in at {sign_in} in your browser, open {page} in the same browser, and paste what it shows."
_TERMS_REMEDY = "Open {sign_in} in your browser, sign in, accept what it asks for, then try again with a fresh NPSSO."


@dataclass(frozen=True)
class Npsso:
    """The browser session's key, as sensitive as a password."""

    value: str


@dataclass(frozen=True)
class Code:
    """A one-time authorisation code, valid for minutes."""

    value: str


def npsso_page(psn: Psn) -> str:
    """Return the address of the page that shows a signed-in person their NPSSO."""
    return psn.account_url.rstrip("/") + psn.sso_cookie_path


def wrong(kind: str, message: str, remedy: str, *, reference_id: str = "") -> SignInError:
    """Return the error of that kind (the last part of one of `CODES`)."""
    return SignInError(message, remedy, code=f"auth.sign-in.{kind}", reference_id=reference_id)


def get_npsso(psn: Psn) -> str:
    """Return how to get a fresh NPSSO, one sentence."""
    return _GET_NPSSO.format(sign_in=psn.sign_in_url, page=npsso_page(psn))


# --- what was pasted ---------------------------------------------------------------------------------


def read_paste(text: str, psn: Psn) -> Npsso | Code:
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


def _found(text: str, psn: Psn) -> Npsso | Code:
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


def _of_addresses(text: str, address: str, psn: Psn, remedy: str) -> Code:
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
    if text.startswith("v3.") and _CODE.fullmatch(joined := "".join(text.split())):
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


def _of_url(text: str, psn: Psn, remedy: str) -> Code:
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


# --- what PlayStation made of it ---------------------------------------------------------------------


def code_of_location(location: str, psn: Psn, *, npsso_length: int = NPSSO_LENGTH) -> str:
    """Return the code in a redirect's Location. Raises `SignInError` for login_required and the like.

    `npsso_length` is the length of the sent NPSSO. The error names an unusual length.
    """
    try:
        parts = urlsplit(location)
        query = {**parse_qs(parts.fragment), **parse_qs(parts.query)}
    except ValueError as error:
        raise wrong("refused", "PlayStation's answer to the sign-in cannot be read.", "Try again.") from error
    code = query.get("code", [""])[0]
    if code and _CODE.fullmatch(code):
        return code
    if "error" not in query:
        raise _another_page(parts.path, psn)
    error_code = query.get("error_code", ["0"])[0][:20]
    words = query.get("error_description", [""])[0][:200]
    raise _refused(query["error"][0][:80], error_code, words, npsso_length, psn)


def _another_page(path: str, psn: Psn) -> SignInError:
    if "terms" in path.lower() or "consent" in path.lower():
        return wrong(
            "terms",
            "PlayStation sent the sign-in on to another page, its terms of use: they are not accepted yet.",
            _TERMS_REMEDY.format(sign_in=psn.sign_in_url),
        )
    return wrong(
        "refused",
        "PlayStation sent the sign-in on to another page instead of giving a code.",
        "Open that account in your browser: it may ask for something (new terms of use, a 2-step code). "
        "Then try again.",
    )


def _refused(name: str, error_code: str, words: str, npsso_length: int, psn: Psn) -> SignInError:
    said = f"{name} {words}".lower()
    if "terms" in said or "consent" in said:
        return wrong(
            "terms",
            f"PlayStation wants its terms of use accepted first ({name}, {error_code}).",
            _TERMS_REMEDY.format(sign_in=psn.sign_in_url),
        )
    if name == "login_required" or error_code == str(LOGIN_REQUIRED):
        if npsso_length != NPSSO_LENGTH:
            return wrong(
                "cut-off",
                f"PlayStation did not accept the NPSSO ({name}, {error_code}): it has {npsso_length} characters, "
                f"where {NPSSO_LENGTH} are usual.",
                "Copy everything that the page shows, from { to }, and paste it again.",
            )
        return wrong(
            "expired",
            f"PlayStation did not accept the NPSSO ({name}, {error_code}): it has expired, "
            "or another sign-in in the same browser has ended it.",
            f"Get a fresh one; if it is fresh, open {psn.sign_in_url} in that browser and accept the "
            "new terms of use first. Use a private window for each account.",
        )
    if name in ("invalid_client", "unauthorized_client"):
        return _unknown_client(f"{name}, {error_code}")
    return wrong(
        "refused",
        f"PlayStation refused the sign-in: {name} ({error_code}) {words}".rstrip() + ".",
        "Get a fresh NPSSO and try again; if it stays, report these words.",
    )


def _unknown_client(said: str, reference_id: str = "") -> SignInError:
    return wrong(
        "client",
        f"PlayStation does not take the client id and secret of the settings ({said}).",
        "Correct psn.client_id and psn.client_secret; if you never set them, Sony has retired them: report it.",
        reference_id=reference_id,
    )


def refused_code(error: PsnError, psn: Psn, *, pasted: bool) -> SignInError | None:
    """Return the error for a code that the token endpoint refuses, or None for another kind of fault.

    `pasted`: the person pasted the code. It was not just made from the NPSSO.
    """
    name = as_text(error.details.get("error"))
    if name in ("invalid_client", "unauthorized_client"):
        return _unknown_client(f"{name}, {error.status}", error.reference_id)
    if not 400 <= error.status < 500 or name != "invalid_grant":
        return None
    words = error.sony_message.lower()
    if "redirect" in words or "client" in words:
        return wrong(
            "other-client",
            f"That code is for another PlayStation app (invalid_grant: {error.sony_message[:80]}).",
            get_npsso(psn),
            reference_id=error.reference_id,
        )
    if pasted:
        return wrong(
            "used",
            "The code has been used already or has expired (invalid_grant).",
            "It lives for minutes and works once: get a fresh one, or paste an NPSSO.",
            reference_id=error.reference_id,
        )
    return wrong(
        "refused",
        "PlayStation gave a code for the NPSSO and did not take it back (invalid_grant).",
        "Try again; if it stays, check this computer's clock, then report it.",
        reference_id=error.reference_id,
    )


def spent() -> SignInError:
    """Return the error for a code that was already used."""
    return wrong("used", "That code has been used already: each works once.", "Get a fresh one, or paste an NPSSO.")


def held_off(error: PsnError) -> SignInError:
    """Return the sign-in error for a rate limit or a block."""
    if isinstance(error, RateLimitedError):
        minutes = max(LONG_WAIT_MIN, math.ceil(error.retry_after / 60))
        wait = f"{minutes} minutes" if minutes <= 120 else f"{math.ceil(minutes / 60)} hours"
        return wrong(
            "rate",
            "PlayStation answers `too many requests` (429) to this sign-in.",
            f"Wait {wait}; then get a fresh NPSSO in a private window, without a VPN.",
            reference_id=error.reference_id,
        )
    return wrong(
        "blocked",
        "PlayStation blocks this internet address for now: it answers with a 403 page.",
        "Wait some hours, or use another internet connection (no VPN); each further try may make the block longer.",
        reference_id=error.reference_id,
    )
