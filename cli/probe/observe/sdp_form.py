"""The unknowns that a session description reveals. Pure."""

from __future__ import annotations

import re

from common.psn.sdp import text as sdp_text
from common.psn.sdp.text import BadSdp
from common.psn.unknowns import BY_NAME, Recipe

_OPUS = re.compile(r" opus/([0-9]{1,6})", re.IGNORECASE)


def sdp_form(sdp: str, kind: str) -> Recipe:
    """Return the unknowns that a description reveals: ssrc lines, and an answer's clock for Opus."""
    try:
        audio = sdp_text.audio_of(sdp_text.parse(sdp))
    except BadSdp:
        return {}
    found = {"sdp.ssrc": "as-captured" if audio.has("ssrc") else "none"}
    opus = next((match[1] for text in audio.all("rtpmap") if (match := _OPUS.search(text))), "")
    if kind == "answer" and opus in BY_NAME["sdp.answer-clock"].values:
        found["sdp.answer-clock"] = opus
    return found
