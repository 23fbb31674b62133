"""The errors of a sign-in: what was pasted, or what PlayStation answered. No I/O.

Each is a `SignInError` with its own code (`auth.sign-in.…`), one sentence and a remedy.
"""

from __future__ import annotations

import math

from common.config.tables import PsnSettings
from common.errors import SignInError
from common.psn.account.npsso import NPSSO_LENGTH
from common.psn.errors import PsnError, RateLimitedError
from common.psn.shapes import as_text

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
"""Every code of a sign-in's errors."""

_GET_NPSSO = "Sign in at {sign_in} in your browser, open {page} in the same browser, and paste what it shows."
_TERMS_REMEDY = "Open {sign_in} in your browser, sign in, accept what it asks for, then try again with a fresh NPSSO."


def npsso_page(psn: PsnSettings) -> str:
    """Return the address of the page that shows a signed-in person their NPSSO."""
    return psn.account_url.rstrip("/") + psn.sso_cookie_path


def wrong(kind: str, message: str, remedy: str, *, reference_id: str = "") -> SignInError:
    """Return the error of that kind (the last part of one of `CODES`)."""
    return SignInError(message, remedy, code=f"auth.sign-in.{kind}", reference_id=reference_id)


def get_npsso(psn: PsnSettings) -> str:
    """Return how to get a fresh NPSSO, one sentence."""
    return _GET_NPSSO.format(sign_in=psn.sign_in_url, page=npsso_page(psn))


def another_page(path: str, psn: PsnSettings) -> SignInError:
    """Return the error for a redirect to a page without a code."""
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


def refused(name: str, error_code: str, words: str, npsso_length: int, psn: PsnSettings) -> SignInError:
    """Return the error for a redirect that names an OAuth error."""
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
            f"Get a fresh one. If it is fresh, open {psn.sign_in_url} in that browser and accept the "
            "new terms of use first. Use a private window for each account.",
        )
    if name in ("invalid_client", "unauthorized_client"):
        return _unknown_client(f"{name}, {error_code}")
    return wrong(
        "refused",
        f"PlayStation refused the sign-in: {name} ({error_code}) {words}".rstrip() + ".",
        "Get a fresh NPSSO and try again. If it is refused again, report these words.",
    )


def _unknown_client(said: str, reference_id: str = "") -> SignInError:
    return wrong(
        "client",
        f"PlayStation does not accept the client id and secret of the settings ({said}).",
        "Correct psn.client_id and psn.client_secret. If you never set them, Sony has retired them. Please report it.",
        reference_id=reference_id,
    )


def refused_code(error: PsnError, psn: PsnSettings, *, pasted: bool) -> SignInError | None:
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
            "A code is valid for minutes and works once. Get a fresh one, or paste an NPSSO.",
            reference_id=error.reference_id,
        )
    return wrong(
        "refused",
        "PlayStation gave a code for the NPSSO and did not take it back (invalid_grant).",
        "Try again. If it fails again, check this computer's clock, then report it.",
        reference_id=error.reference_id,
    )


def spent() -> SignInError:
    """Return the error for a code that was already used."""
    return wrong("used", "That code has been used already. Each works once.", "Get a fresh one, or paste an NPSSO.")


def held_off(error: PsnError) -> SignInError:
    """Return the sign-in error for a rate limit or a block."""
    if isinstance(error, RateLimitedError):
        minutes = max(LONG_WAIT_MIN, math.ceil(error.retry_after / 60))
        wait = f"{minutes} minutes" if minutes <= 120 else f"{math.ceil(minutes / 60)} hours"
        return wrong(
            "rate",
            "PlayStation answers `too many requests` (429) to this sign-in.",
            f"Wait {wait}. Then get a fresh NPSSO in a private window, without a VPN.",
            reference_id=error.reference_id,
        )
    return wrong(
        "blocked",
        "PlayStation blocks this internet address for now: it answers with a 403 page.",
        "Wait some hours, or use another internet connection (no VPN). Each further try may make the block longer.",
        reference_id=error.reference_id,
    )
