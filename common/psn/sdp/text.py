"""A defensive parser and writer of session descriptions.

Use it through `common.psn.sdp`. Malformed optional parts are dropped. Malformed required parts raise `BadSdp`.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from typing import Literal

from common.basic.addresses import can_be_a_peer
from common.errors import PartylineError

Kind = Literal["offer", "answer"]

OPUS_PARAMETERS = "minptime=10;stereo=0;useinbandfec=1"
"""Opus' fmtp in every captured description [seen]."""
MAX_CHARS = 64 * 1024
"""Longest accepted description. The samples have 2 KB, and fifty candidates make 6 KB."""
MAX_SECTIONS = 32
MAX_CANDIDATES = 64

DIRECTIONS = ("sendrecv", "sendonly", "recvonly", "inactive")
FINGERPRINTS = {"sha-256": 32, "sha-384": 48, "sha-512": 64}
"""Algorithms that current DTLS stacks check, with the digest's length in bytes."""

_LINE_END = re.compile(r"\r\n|\n|\r")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_MEDIA = re.compile(r"(\w{1,16}) (\d{1,5})(?:/\d{1,3})? ([A-Za-z/]{1,32}) (\S.{0,1000})", re.ASCII)
_CANDIDATE = re.compile(
    r"([!-~]{1,64}) (\d{1,3}) (\w{1,8}) (\d{1,10}) ([0-9A-Za-z.:-]{1,255}) (\d{1,5}) "
    r"typ (host|srflx|prflx|relay)\b(.*)",
    re.ASCII,
)
_TOKEN = re.compile(r"[!-~]{1,256}")
_RTPMAP = re.compile(r"(\d{1,3}) ([\w.-]{1,32})/(\d{1,6})(?:/(\d{1,2}))?", re.ASCII)


class BadSdp(PartylineError):  # noqa: N818  # the field's word for it
    """An unusable session description. `message` says what is wrong with it."""

    code = "psn.bad-sdp"

    def __init__(self, message: str) -> None:
        super().__init__(message, "The other side will be asked again. If it persists, `partyline tap` shows the text.")


@dataclass(frozen=True)
class Candidate:
    """One ICE candidate (RFC 8839)."""

    foundation: str
    priority: int
    address: str
    port: int
    kind: str
    related: tuple[str, int] | None = None

    @classmethod
    def parse(cls, text: str) -> Candidate | None:
        """Return the candidate, or None if it is malformed or unusable (TCP, component 2, no peer's address)."""
        match = _CANDIDATE.fullmatch(text)
        if not match:
            return None
        foundation, component, transport, priority, address, port, kind, rest = match.groups()
        if component != "1" or transport.lower() != "udp" or int(priority) >= 1 << 32:
            return None
        if not can_be_a_peer(address, int(port)):
            return None  # also a browser's mDNS names: its checks still reach us, and resolving may hang
        words = rest.split()
        more = dict(zip(words[::2], words[1::2], strict=False))
        related = None
        if _is_address(more.get("raddr", "")) and re.fullmatch(r"[0-9]{1,5}", more.get("rport", "")):
            related = (more["raddr"], int(more["rport"]))
        return cls(foundation, int(priority), address, int(port), kind, related)


@dataclass
class Section:
    """One m-section: the m-line's parts, and its attributes in order."""

    kind: str
    port: int
    protocol: str
    formats: list[str]
    attributes: list[tuple[str, str]] = field(default_factory=list)

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.attributes if key == name]

    def first(self, name: str) -> str | None:
        return next((value for key, value in self.attributes if key == name), None)

    def has(self, name: str) -> bool:
        return self.first(name) is not None

    @property
    def mid(self) -> str:
        mid = self.first("mid") or ""
        return mid if re.fullmatch(r"[!-~]{1,32}", mid) else ""

    @property
    def rejected(self) -> bool:
        return self.port == 0 and not self.has("bundle-only")

    @property
    def direction(self) -> str:
        """The direction, by default ``sendrecv`` (RFC 8866)."""
        return next((key for key, _ in self.attributes if key in DIRECTIONS), "sendrecv")

    @property
    def ice(self) -> tuple[str, str] | None:
        """(ufrag, pwd), or None if either is missing or malformed."""
        ufrag, pwd = self.first("ice-ufrag") or "", self.first("ice-pwd") or ""
        return (ufrag, pwd) if _TOKEN.fullmatch(ufrag) and _TOKEN.fullmatch(pwd) else None

    @property
    def fingerprints(self) -> list[tuple[str, str]]:
        """(algorithm, value) of each well-formed fingerprint of a known algorithm."""
        found = []
        for text in self.all("fingerprint"):
            algorithm, _, value = text.strip().partition(" ")
            length = FINGERPRINTS.get(algorithm.lower(), 0)
            if length and re.fullmatch(rf"(?:[0-9A-Fa-f]{{2}}:){{{length - 1}}}[0-9A-Fa-f]{{2}}", value):
                found.append((algorithm.lower(), value.upper()))
        return found

    @property
    def candidates(self) -> list[Candidate]:
        parsed = [Candidate.parse(text) for text in self.all("candidate")[:MAX_CANDIDATES]]
        return [candidate for candidate in parsed if candidate]

    @property
    def payload_types(self) -> dict[int, tuple[str, int, int]]:
        """Payload type → (lower-case name, clock rate, channels), in the m-line's order of preference."""
        named = {}
        for text in self.all("rtpmap"):
            if match := _RTPMAP.fullmatch(text.strip()):
                number, name, rate, channels = match.groups()
                named[int(number)] = (name.lower(), int(rate), int(channels or 1))
        listed = [int(word) for word in self.formats if re.fullmatch(r"[0-9]{1,3}", word)]
        return {number: named[number] for number in dict.fromkeys(listed) if number in named and number < 128}

    def parameters(self, payload_type: int) -> str:
        """Return the fmtp of a payload type, empty if there is none."""
        for text in self.all("fmtp"):
            number, _, value = text.partition(" ")
            if number == str(payload_type):
                return value
        return ""


@dataclass
class Description:
    """A whole session description. Attributes of the session that sections inherit are copied into them."""

    origin: str
    attributes: list[tuple[str, str]]
    sections: list[Section]

    @property
    def bundle(self) -> list[str]:
        """The mids of the first BUNDLE group, empty if there is none."""
        for key, value in self.attributes:
            if key == "group" and value.split()[:1] == ["BUNDLE"]:
                return value.split()[1:]
        return []

    def has(self, name: str) -> bool:
        return any(key == name for key, _ in self.attributes)


_INHERITED = ("ice-ufrag", "ice-pwd", "fingerprint", "setup", "extmap", *DIRECTIONS)


def parse(text: str) -> Description:
    """Return `text` as a `Description`. Raises `BadSdp` if it is not one. Lines may end with CRLF or LF."""
    if len(text) > MAX_CHARS:
        raise BadSdp(f"a session description of {len(text)} characters is too long")
    lines = [line.rstrip(" ") for line in _LINE_END.split(text)]
    lines = [line for line in lines if line and not _CONTROL.search(line)]
    if not lines or lines[0] != "v=0":
        raise BadSdp("a session description begins with v=0")
    session: list[tuple[str, str]] = []
    sections: list[Section] = []
    origin = ""
    for line in lines:
        if line.startswith("m="):
            sections.append(_media(line[2:]))
        elif line.startswith("a="):
            key, _, value = line[2:].partition(":")
            (sections[-1].attributes if sections else session).append((key, value.strip()))
        elif line.startswith("o=") and not sections:
            origin = line[2:]
    if not 0 < len(sections) <= MAX_SECTIONS:
        raise BadSdp(f"{len(sections)} media sections")
    for section in sections:
        _inherit(section, session)
    return Description(origin, session, sections)


def _media(text: str) -> Section:
    match = _MEDIA.fullmatch(text)
    if not match:
        raise BadSdp(f"malformed media line {text[:60]!r}")
    kind, port, protocol, formats = match.groups()
    if int(port) > 65535:
        raise BadSdp(f"port {port} in a media line")
    return Section(kind, int(port), protocol, formats.split())


def _inherit(section: Section, session: list[tuple[str, str]]) -> None:
    own = {key for key, _ in section.attributes}
    if own.intersection(DIRECTIONS):
        own.update(DIRECTIONS)
    section.attributes += [(key, value) for key, value in session if key in _INHERITED and key not in own]


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def audio_of(description: Description) -> Section:
    candidates = [section for section in description.sections if section.kind == "audio"]
    audio = next((section for section in candidates if not section.rejected), None)
    if audio is None:
        raise BadSdp("the audio section is rejected" if candidates else "there is no audio section")
    if "RTP/SAVP" not in audio.protocol:
        raise BadSdp(f"audio over {audio.protocol} is not encrypted WebRTC media")
    if not opus_types(audio):
        raise BadSdp("the audio section has no Opus of a payload type from 96 to 127")
    return audio


def data_of(description: Description) -> Section | None:
    """Return the data channel's section in its modern or older (``DTLS/SCTP 5000``) form."""
    return next(
        (section for section in description.sections if section.kind == "application" and "SCTP" in section.protocol),
        None,
    )


def opus_types(audio: Section) -> list[int]:
    """Return the Opus payload types in order of preference. aiortc supports dynamic ones only."""
    return [number for number, (name, _, _) in audio.payload_types.items() if name == "opus" and number >= 96]


def extensions_of(audio: Section) -> list[tuple[int, str]]:
    found: dict[int, str] = {}
    for text in audio.all("extmap"):
        if match := re.match(r"([0-9]{1,3})(?:/\w+)? ([!-~]{1,200})", text, re.ASCII):
            number = int(match[1])
            if 0 < number < 256:
                found.setdefault(number, match[2])
    return list(found.items())


def source_of(audio: Section) -> tuple[int, str] | None:
    """Return (SSRC, cname) of the first source that has both."""
    for text in audio.all("ssrc"):
        match = re.fullmatch(r"([0-9]{1,10}) cname:([!-~]{1,64})", text)
        if match and int(match[1]) < 1 << 32:
            return int(match[1]), match[2]
    return None


def candidate_line(candidate: Candidate) -> str:
    text = (
        f"{candidate.foundation} 1 udp {candidate.priority} {candidate.address} {candidate.port} typ {candidate.kind}"
    )
    if candidate.related:
        text += f" raddr {candidate.related[0]} rport {candidate.related[1]}"
    return text


def head(origin: str) -> list[str]:
    if not re.fullmatch(r"[!-~]{1,64} [0-9]{1,20} [0-9]{1,20} IN IP[46] [0-9A-Za-z.:-]{1,255}", origin):
        origin = "- 1 1 IN IP4 127.0.0.1"
    return ["v=0", f"o={origin}", "s=-", "t=0 0"]


def text_of(lines: list[str]) -> str:
    return "\r\n".join(lines) + "\r\n"
