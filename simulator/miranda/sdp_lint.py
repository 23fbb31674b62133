"""A check of descriptions against the captured ones (tests/wire/p2p-*.sdp). Shares no code with the client."""

from __future__ import annotations

import re

MAX_CHARS = 16_384
_CANDIDATE = re.compile(
    r"a=candidate:\d+ 1 udp \d+ [0-9A-Fa-f.:]+ \d+ typ (?:host|srflx raddr \S+ rport \d+|relay raddr \S+ rport \d+)\b.*"
)
_FINGERPRINT = re.compile(r"a=fingerprint:sha-256 (?:[0-9A-F]{2}:){31}[0-9A-F]{2}")
_MSID = re.compile(r"a=msid:- [0-9A-F-]{36}_1_CELT/40")


def lint(sdp: str, kind: str) -> list[str]:
    """Return what a Sony client would not have written in an ``offer`` or ``answer``, empty if nothing."""
    if len(sdp) > MAX_CHARS:
        return [f"{len(sdp)} characters"]
    if not sdp.endswith("\r\n") or "\n" in sdp.replace("\r\n", ""):
        return ["lines do not end with CR LF"]
    head, sections = _split(sdp.removesuffix("\r\n").split("\r\n"))
    audio = next((lines for lines in sections if lines[0].startswith("m=audio ")), None)
    if audio is None:
        return ["no audio section"]
    data = next((lines for lines in sections if lines[0].startswith("m=application ")), None)
    formats = _formats(audio, clocks=("16000",) if kind == "offer" else ("16000", "48000"))
    return [*_head(head, kind), *_transport(audio, kind), *_audio(audio), *formats, *_data(data, kind)]


def _split(lines: list[str]) -> tuple[list[str], list[list[str]]]:
    head: list[str] = []
    sections: list[list[str]] = []
    for line in lines:
        if line.startswith("m="):
            sections.append([])
        (sections[-1] if sections else head).append(line)
    return head, sections


def _head(head: list[str], kind: str) -> list[str]:
    wrong = [] if head[:1] == ["v=0"] else ["does not begin with v=0"]
    wrong += [] if len(head) > 1 and re.fullmatch(r"o=- \d+ \d+ IN IP4 127\.0\.0\.1", head[1]) else ["o-line"]
    if not any(re.fullmatch(r"a=group:BUNDLE \S+ \S+", line) for line in head):
        wrong.append("no BUNDLE of audio and data")
    if "a=msid-semantic: WMS" not in head:
        wrong.append("no a=msid-semantic: WMS")
    if kind == "offer" and "a=extmap-allow-mixed" not in head:
        wrong.append("no a=extmap-allow-mixed")
    return wrong


def _transport(section: list[str], kind: str) -> list[str]:
    setup = ("actpass",) if kind == "offer" else ("active", "passive")
    wrong = []
    if not any(line.startswith("a=ice-ufrag:") for line in section):
        wrong.append("no ice-ufrag")
    if not any(line.startswith("a=ice-pwd:") and len(line) >= 10 + 22 for line in section):
        wrong.append("no ice-pwd of 22 characters")
    if not any(_FINGERPRINT.fullmatch(line) for line in section):
        wrong.append("no sha-256 fingerprint")
    if not any(f"a=setup:{role}" in section for role in setup):
        wrong.append(f"a=setup is not {' or '.join(setup)}")
    return wrong


def _audio(audio: list[str]) -> list[str]:
    candidates = [line for line in audio if line.startswith("a=candidate:")]
    wrong = [] if candidates else ["no candidates in the audio section: there is no trickle on the wire"]
    wrong += [f"odd candidate {line[12:60]!r}" for line in candidates if not _CANDIDATE.fullmatch(line)]
    if not re.match(r"m=audio \d+ UDP/TLS/RTP/SAVPF \d", audio[0]):
        wrong.append("m-line of audio")
    for line in ("a=mid:0", "a=sendrecv", "a=rtcp-mux", "a=rtcp-rsize", "a=ptime:40"):
        if line not in audio:
            wrong.append(f"no {line}")
    if not any(_MSID.fullmatch(line) for line in audio):
        wrong.append("no a=msid like <UUID>_1_CELT/40")
    if "a=end-of-candidates" in audio:
        wrong.append("a=end-of-candidates, which Sony's clients do not write")
    return wrong


def _formats(audio: list[str], clocks: tuple[str, ...]) -> list[str]:
    """Check the formats. `clocks` are valid for Opus.

    Answers have an undecided one of them (`simulator.miranda.unfit`).
    """
    offered = audio[0].split()[3:]
    rtpmap = dict(re.findall(r"^a=rtpmap:(\d+) (\S+)$", "\n".join(audio), re.MULTILINE))
    fmtp = dict(re.findall(r"^a=fmtp:(\d+) (.+)$", "\n".join(audio), re.MULTILINE))
    wrong = [f"payload type {number} without rtpmap" for number in offered if number not in rtpmap]
    wrong += [f"rtpmap {number} that the m-line lacks" for number in rtpmap if number not in offered]
    opus = [number for number, name in rtpmap.items() if name.startswith("opus/")]
    if not opus or rtpmap[opus[0]] not in [f"opus/{clock}/2" for clock in clocks]:
        return [*wrong, f"no opus/{clocks[0]}/2"]
    if "useinbandfec=1" not in fmtp.get(opus[0], "").split(";"):
        wrong.append("Opus without useinbandfec=1")
    return wrong


def _data(data: list[str] | None, kind: str) -> list[str]:
    if data is None:
        return ["no data channel section"]
    wrong = [f"data channel: {word}" for word in _transport(data, kind)]
    if not re.fullmatch(r"m=application \d+ UDP/DTLS/SCTP webrtc-datachannel", data[0]):
        wrong.append("m-line of the data channel")
    if "a=sctp-port:5000" not in data or "a=mid:1" not in data:
        wrong.append("data channel without a=sctp-port:5000 and a=mid:1")
    return wrong
