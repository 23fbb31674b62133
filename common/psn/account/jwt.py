"""Access-token claims, read as hints. They are not verified, since we are not the audience."""

from __future__ import annotations

import base64
import binascii

import msgspec

from common.psn.shapes import as_dict, as_id, as_int, as_text


class Claims(msgspec.Struct, frozen=True, kw_only=True):
    """Claims of an access token [seen], empty or 0 if absent."""

    account_id: str = ""
    exp: int = 0
    """Unix seconds."""
    iat: int = 0
    """Unix seconds."""
    country: str = ""
    """`legal_country`, two letters."""
    is_child: bool = False


def claims(token: str) -> Claims:
    """Return the claims of `token`, or empty ones if it is not a readable JWT."""
    parts = token.split(".")
    if len(parts) != 3:
        return Claims()
    try:
        payload = base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))
        data = as_dict(msgspec.json.decode(payload))
    except (binascii.Error, msgspec.DecodeError, ValueError, RecursionError):
        return Claims()
    country = as_text(data.get("legal_country"))
    return Claims(
        account_id=as_id(data.get("account_id")),
        exp=as_int(data.get("exp")),
        iat=as_int(data.get("iat")),
        country=country.upper() if len(country) == 2 and country.isalpha() else "",
        is_child=data.get("is_child") is True,
    )
