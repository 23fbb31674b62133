"""A parser for the redirect that ends a sign-in. No I/O."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

from common.config.tables import PsnSettings
from common.psn.account.npsso import NPSSO_LENGTH
from common.psn.account.sign_in_errors import another_page, refused, wrong

CODE = re.compile(r"[A-Za-z0-9._~+/=-]{1,2048}")
"""An authorisation code."""


def code_of_location(location: str, psn: PsnSettings, *, npsso_length: int = NPSSO_LENGTH) -> str:
    """Return the code in a redirect's Location. Raises `SignInError` for login_required and the like.

    `npsso_length` is the length of the sent NPSSO. The error names an unusual length.
    """
    try:
        parts = urlsplit(location)
        query = {**parse_qs(parts.fragment), **parse_qs(parts.query)}
    except ValueError as error:
        raise wrong("refused", "PlayStation's answer to the sign-in cannot be read.", "Try again.") from error
    code = query.get("code", [""])[0]
    if CODE.fullmatch(code):
        return code
    if "error" not in query:
        raise another_page(parts.path, psn)
    error_code = query.get("error_code", ["0"])[0][:20]
    words = query.get("error_description", [""])[0][:200]
    raise refused(query["error"][0][:80], error_code, words, npsso_length, psn)
