"""A check of the program at the dashboard's port, so that no other program gets a key."""

from __future__ import annotations

import hmac
import http.client
import secrets
from typing import Literal
from urllib.parse import urlsplit

from common.config.pages import PROOF_PATH, Keys, base_url, proof
from common.config.tables import DashboardSettings
from common.errors import PartylineError

ASK_S = 3.0
Owner = Literal["ours", "nobody", "other"]


def owner(settings: DashboardSettings, keys: Keys) -> Owner:
    """Return who answers at the dashboard's address. It is sent only a random number."""
    parts, nonce = urlsplit(base_url(settings)), secrets.token_hex(16)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=ASK_S)
    try:
        connection.request("GET", PROOF_PATH + nonce)
        reply = connection.getresponse().read(100)
    except ConnectionRefusedError:
        return "nobody"
    except (OSError, http.client.HTTPException):
        return "other"
    finally:
        connection.close()
    return "ours" if hmac.compare_digest(reply, proof(keys.full, settings.port, nonce).encode()) else "other"


def check(settings: DashboardSettings, keys: Keys) -> Owner:
    """Return who answers there. Raises `PartylineError` if that is another program."""
    found = owner(settings, keys)
    if found == "other":
        raise PartylineError(
            f"Another program, or the dashboard of another $PARTYLINE_HOME, answers at {base_url(settings)}. "
            "Your key was not sent to it.",
            "Stop that program, or set another `[dashboard] port`. Then run `partyline restart dashboard`.",
        )
    return found
