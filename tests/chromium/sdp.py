"""libwebrtc's descriptions and Sony's dialect of them, line by line. Own eyes: shares no code with the product."""

from __future__ import annotations

import re
import uuid

KEPT = {"111": "96", "96": "96", "63": "63", "13": "13", "110": "110"}
"""libwebrtc's payload types that a console has too, and their numbers there [seen]."""
_OF_TYPE = re.compile(r"a=(rtpmap|fmtp|rtcp-fb):(\d+) (.*)")
_NOT_SONYS = re.compile(r"a=(?:rtcp-fb:|rtcp-xr:|candidate:\S+ \d tcp |end-of-candidates)")


def with_sonys_types(sdp: str) -> str:
    """Return an offer that libwebrtc has just made with a console's payload types, before it is set."""
    return "\r\n".join(kept for line in sdp.split("\r\n") if (kept := _renamed(line)) is not None)


def _renamed(line: str) -> str | None:
    if line.startswith("m=audio "):
        *head, types = re.split(r"(?<=SAVPF) ", line)
        return " ".join([*head, *(KEPT[number] for number in types.split() if number in KEPT)])
    if (match := _OF_TYPE.fullmatch(line)) is None:
        return line
    kind, number, rest = match.groups()
    if number not in KEPT:
        return None
    return f"a={kind}:{KEPT[number]} {rest.replace('111/111', '96/96')}"


def to_sony(sdp: str) -> str:
    """Return what a console would have written in place of libwebrtc's description."""
    name = f"{str(uuid.uuid4()).upper()}_1_CELT/40"
    out = []
    for line in sdp.split("\r\n"):
        if _NOT_SONYS.match(line):
            continue
        out.append(line.replace("opus/48000/2", "opus/16000/2"))
        out[-1] = re.sub(r"^a=msid-semantic:.*", "a=msid-semantic: WMS", out[-1])
        out[-1] = re.sub(r"^(a=msid:|a=ssrc:\d+ msid:).*", rf"\g<1>- {name}", out[-1])
        out[-1] = re.sub(r"^(a=fmtp:96 minptime=10;)(?!stereo)", r"\g<1>stereo=0;", out[-1])
        if line.startswith("a=rtcp-rsize"):
            out.append("a=ptime:40")
    return "\r\n".join(out)


def from_sony(sdp: str) -> str:
    """Return what libwebrtc accepts in place of a console's description: it refuses Opus at 16000 without a word."""
    return sdp.replace("opus/16000/2", "opus/48000/2")
