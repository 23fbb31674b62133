"""The addresses of the pages that OBS shows."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from common.paths import Paths
from common.tables import Settings


def url(paths: Paths, settings: Settings, page: str, talker: str = "") -> str:
    """Return the address of `page`, with the key that may only read; `talker`: one member's voice alone."""
    query = {"key": "x"} | ({"talker": talker} if talker else {})
    return f"http://127.0.0.1:8770{page}?{urlencode(query, quote_via=quote)}"
