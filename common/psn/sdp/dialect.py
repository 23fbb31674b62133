"""A linter for the SDP dialect of Sony's apps.

The rules come from the captured descriptions (tests/wire/*.sdp), in which `lint` finds nothing. A rule says how
severe a breach is. Whether Sony's side refuses it is [open]. Text in, findings out, nothing raised.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["offer", "answer"]
Flavour = Literal["peer", "bridge"]
"""``peer``: between members [seen]. ``bridge``: with the server-side peer, which only listens or speaks [seen]."""
Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
"""``error``: no audio is possible. ``warning``: it may matter to the other side. ``note``: unlike the app."""

EXTENSIONS = {
    1: "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
    2: "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
    3: "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
    4: "urn:ietf:params:rtp-hdrext:sdes:mid",
    5: "urn:uuid:84a86fab-a84f-4d61-b376-2ee79d2b67d2#sie:rtp-hdrext:rtp-payload-signature",
}
"""Header extensions between members [seen]. The bridge has the first, and the last as 2 [seen]."""
_BRIDGE_EXTENSIONS = {1: EXTENSIONS[1], 2: EXTENSIONS[5]}
_OPUS_PARAMETERS = {"minptime=10", "stereo=0", "useinbandfec=1"}
_BESIDE_OPUS = ("red/48000/2", "CN/32000", "CN/16000", "CN/8000", "telephone-event/48000", "telephone-event/16000")
_KNOWN_SESSION = {"group", "extmap-allow-mixed", "msid-semantic"}
_KNOWN_TRANSPORT = {"candidate", "ice-ufrag", "ice-pwd", "ice-options", "fingerprint", "setup", "mid"}
_DIRECTIONS = {"sendrecv", "sendonly", "recvonly", "inactive"}
_KNOWN = {
    "audio": _KNOWN_TRANSPORT
    | _DIRECTIONS
    | {"rtcp", "extmap", "msid", "rtcp-mux", "rtcp-rsize", "rtpmap", "fmtp", "ptime", "ssrc"},
    "application": _KNOWN_TRANSPORT | {"sctp-port", "max-message-size"},
}
_ORIGIN = re.compile(r"o=- \d+ \d+ IN IP4 127\.0\.0\.1")
_FINGERPRINT = re.compile(r"sha-256 (?:[0-9A-F]{2}:){31}[0-9A-F]{2}")
_MSID = re.compile(r"- [0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}_1_CELT/40")


@dataclass(frozen=True)
class Finding:
    """One difference from the app's dialect. `where` is ``session`` or the section's kind. `rule` is a stable name."""

    severity: Severity
    where: str
    rule: str
    message: str


@dataclass
class Part:
    """The session part or a media section, with its first line and its attributes in order."""

    kind: str
    first: str
    lines: list[str]

    @property
    def attributes(self) -> list[tuple[str, str]]:
        return [(key, value) for line in self.lines if line.startswith("a=") for key, _, value in [_cut(line)]]

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.attributes if key == name]

    def value(self, name: str) -> str | None:
        return next(iter(self.all(name)), None)


def _cut(line: str) -> tuple[str, str, str]:
    return line[2:].partition(":")


def parts(sdp: str) -> list[Part]:
    """Return the session's part and then every media section, however malformed."""
    lines = [line for line in re.split(r"\r\n|\n|\r", sdp) if line.strip()]
    found = [Part("session", "", [])]
    for line in lines:
        if line.startswith("m="):
            found.append(Part(line[2:].split(" ")[0] or "?", line, []))
        else:
            found[-1].lines.append(line)
    return found


def kind_of(sdp: str) -> Kind:
    """Guess whether it is an offer or an answer. Offers leave the DTLS role open [seen]."""
    return "offer" if "a=setup:actpass" in sdp else "answer"


def flavour_of(sdp: str) -> Flavour:
    """Guess the flavour. On the bridge, audio is one-way and a=extmap-allow-mixed is absent [seen]."""
    one_way = re.search(r"^a=(recvonly|sendonly)\b", sdp, re.MULTILINE) is not None
    return "bridge" if one_way and "a=extmap-allow-mixed" not in sdp else "peer"


def lint(sdp: str, kind: Kind | None = None, flavour: Flavour | None = None) -> list[Finding]:
    """Return what differs from the app's dialect, worst first. `kind` and `flavour` are guessed if not given."""
    kind, flavour = kind or kind_of(sdp), flavour or flavour_of(sdp)
    session, *sections = parts(sdp)
    found = [*_text(sdp), *_session(session, flavour), *_sections(sections)]
    for section in sections:
        if section.kind == "audio":
            found += [*_transport(section, kind, flavour), *_candidates(section, flavour)]
            found += [*_audio(section, kind, flavour), *_formats(section, flavour), *_extensions(section, flavour)]
        elif section.kind == "application":
            found += [*_transport(section, kind, flavour), *_data(section)]
    found += [*_bundle(sections), *_unknown(session, sections)]
    return sorted(found, key=lambda finding: SEVERITIES.index(finding.severity))


def _text(sdp: str) -> Iterator[Finding]:
    if not sdp.startswith("v=0"):
        yield Finding("error", "session", "version", "It does not begin with v=0.")
    if "\n" in sdp.replace("\r\n", "") or not sdp.endswith("\r\n"):
        yield Finding("note", "session", "line-ends", "Not every line ends with CR LF; a terminal may have done that.")


def _session(session: Part, flavour: Flavour) -> Iterator[Finding]:
    origin = next((line for line in session.lines if line.startswith("o=")), "")
    if not _ORIGIN.fullmatch(origin):
        yield Finding("note", "session", "origin", "The o-line is not 'o=- <number> <number> IN IP4 127.0.0.1'.")
    for line in ("s=-", "t=0 0"):
        if line not in session.lines:
            yield Finding("note", "session", "head", f"There is no {line!r}.")
    if not (session.value("group") or "").startswith("BUNDLE "):
        yield Finding("warning", "session", "bundle", "Audio and data channel are not in one BUNDLE.")
    if session.value("msid-semantic") != " WMS":
        yield Finding("note", "session", "msid-semantic", "There is no 'a=msid-semantic: WMS'.")
    if flavour == "peer" and session.value("extmap-allow-mixed") is None:
        yield Finding("note", "session", "extmap-allow-mixed", "There is no a=extmap-allow-mixed.")


def _sections(sections: list[Part]) -> Iterator[Finding]:
    kinds = [section.kind for section in sections]
    if "audio" not in kinds:
        yield Finding("error", "session", "audio", "There is no audio section.")
    if "application" not in kinds:
        yield Finding("warning", "session", "data-channel", "There is no data channel section; the app always has one.")
    elif "audio" in kinds and kinds.index("application") < kinds.index("audio"):
        yield Finding("warning", "session", "order", "The data channel comes before audio.")
    for kind in sorted(set(kinds) - {"audio", "application"}):
        yield Finding("warning", kind, "section", f"The app has no section of kind {kind!r}.")
    for kind in ("audio", "application"):
        if kinds.count(kind) > 1:
            yield Finding("warning", kind, "section", f"There are {kinds.count(kind)} of them; the app has one.")


def _transport(section: Part, kind: Kind, flavour: Flavour) -> Iterator[Finding]:
    where, on_audio = section.kind, section.kind == "audio"
    worst: Severity = "error" if on_audio else "warning"
    if not section.value("ice-ufrag"):
        yield Finding(worst, where, "ice-ufrag", "There is no a=ice-ufrag.")
    if not section.value("ice-pwd"):
        yield Finding(worst, where, "ice-pwd", "There is no a=ice-pwd.")
    elif len(section.value("ice-pwd") or "") < 22:
        yield Finding(worst, where, "ice-pwd", "The a=ice-pwd has fewer than the 22 characters that ICE asks for.")
    if flavour == "peer" and section.value("ice-options") != "trickle":
        yield Finding("note", where, "ice-options", "There is no a=ice-options:trickle.")
    fingerprint = section.value("fingerprint")
    if fingerprint is None and (on_audio or flavour == "peer"):
        yield Finding(worst, where, "fingerprint", "There is no a=fingerprint: DTLS cannot be checked.")
    elif fingerprint is not None and not _FINGERPRINT.fullmatch(fingerprint):
        yield Finding("warning", where, "fingerprint", "The fingerprint is no SHA-256 in capital hex pairs.")
    wanted = ("actpass",) if kind == "offer" else ("active", "passive")
    if section.value("setup") not in wanted:
        yield Finding(worst, where, "setup", f"An {kind}'s a=setup is {' or '.join(wanted)}.")
    number = "0" if on_audio else "1"
    if section.value("mid") != number:
        yield Finding("note", where, "mid", f"The mid is not {number}.")


def _candidates(audio: Part, flavour: Flavour) -> Iterator[Finding]:
    lines = audio.all("candidate")
    if not lines:
        yield Finding(
            "error", "audio", "candidates", "There are no candidates, and none would follow: nothing trickles."
        )
    for line in lines:
        words = line.split()
        shown = line[:60]
        if len(words) < 8 or words[6] != "typ":
            yield Finding("warning", "audio", "candidate", f"Candidate {shown!r} is malformed.")
            continue
        if words[2].lower() != "udp":
            yield Finding("warning", "audio", "candidate", f"Candidate {shown!r} is not UDP.")
        if not re.fullmatch(r"[0-9A-Fa-f.:]+", words[4]):
            yield Finding("warning", "audio", "candidate", f"Candidate {shown!r} has a name instead of an address.")
        if words[1] != "1" or not words[0].isdecimal() or "generation" not in words:
            yield Finding("note", "audio", "candidate", f"Candidate {shown!r}: foundation, component or generation.")
        elif flavour == "peer" and not {"network-id", "network-cost"} <= set(words):
            yield Finding("note", "audio", "candidate", f"Candidate {shown!r} has no network-id and network-cost.")


def _audio(audio: Part, kind: Kind, flavour: Flavour) -> Iterator[Finding]:
    if not re.match(r"m=audio \d+ UDP/TLS/RTP/SAVPF \d", audio.first):
        yield Finding("warning", "audio", "m-line", "The m-line is not 'm=audio <port> UDP/TLS/RTP/SAVPF <types>'.")
    direction = next((key for key, _ in audio.attributes if key in _DIRECTIONS), "")
    usual = {"sendrecv"} if flavour == "peer" else {"recvonly" if kind == "offer" else "sendonly"}
    if direction not in usual:
        yield Finding("warning", "audio", "direction", f"The direction is {direction or 'not said'}, not {min(usual)}.")
    for name, value in (("rtcp-mux", ""), ("ptime", "40"), ("rtcp", "9 IN IP4 0.0.0.0")):
        if audio.value(name) != value:
            shown = f"{name}:{value}" if value else name
            yield Finding("note" if name == "rtcp" else "warning", "audio", name, f"There is no a={shown}.")
    if flavour != "peer":
        return
    if audio.value("rtcp-rsize") is None:
        yield Finding("note", "audio", "rtcp-rsize", "There is no a=rtcp-rsize.")
    if not _MSID.fullmatch(audio.value("msid") or ""):
        yield Finding("note", "audio", "msid", "The msid is not '- <UUID in capitals>_1_CELT/40'.")
    if not any(" cname:" in text for text in audio.all("ssrc")):
        yield Finding("note", "audio", "ssrc", "There is no a=ssrc:<number> cname:<name>.")


def _formats(audio: Part, flavour: Flavour) -> Iterator[Finding]:
    offered = audio.first.split()[3:]
    named = dict(text.split(" ", 1) for text in audio.all("rtpmap") if " " in text)
    for number in offered:
        if number not in named:
            yield Finding("warning", "audio", "rtpmap", f"Payload type {number} has no rtpmap.")
    for number in sorted(set(named) - set(offered)):
        yield Finding("warning", "audio", "rtpmap", f"Payload type {number} has an rtpmap, but is not in the m-line.")
    opus = next((number for number in offered if named.get(number, "").lower().startswith("opus/")), None)
    if opus is None:
        yield Finding("error", "audio", "opus", "There is no Opus.")
        return
    yield from _opus(audio, opus, named[opus], flavour)
    expected = _BESIDE_OPUS if flavour == "peer" else ("CN/8000",)
    for name in expected:
        if name not in named.values():
            yield Finding("note", "audio", "formats", f"There is no {name}.")
    for number, name in named.items():
        if number != opus and name not in _BESIDE_OPUS:
            yield Finding("warning", "audio", "formats", f"The app offers no {name[:40]} (payload type {number}).")


def _opus(audio: Part, opus: str, name: str, flavour: Flavour) -> Iterator[Finding]:
    if name != "opus/16000/2":
        yield Finding("warning", "audio", "opus-rate", f"Opus is written {name[:40]}; the app writes opus/16000/2.")
    number = "96" if flavour == "peer" else "111"
    if opus != number:
        yield Finding("note", "audio", "opus-type", f"Opus is payload type {opus}, not {number}.")
    parameters = dict(text.split(" ", 1) for text in audio.all("fmtp") if " " in text)
    said = {word.strip() for word in parameters.get(opus, "").split(";")} - {""}
    if "useinbandfec=1" not in said:
        yield Finding("warning", "audio", "opus-fec", "Opus without useinbandfec=1: losses will be heard.")
    if differing := ";".join(sorted((said ^ _OPUS_PARAMETERS) - {"useinbandfec=1"})):
        yield Finding("note", "audio", "opus-parameters", f"Opus' parameters differ in {differing[:80]}.")


def _extensions(audio: Part, flavour: Flavour) -> Iterator[Finding]:
    expected = EXTENSIONS if flavour == "peer" else _BRIDGE_EXTENSIONS
    found = {text.split(" ")[1]: text.split(" ")[0] for text in audio.all("extmap") if " " in text}
    for number, uri in expected.items():
        if uri not in found:
            yield Finding("note", "audio", "extmap", f"There is no header extension {uri}.")
        elif found[uri] != str(number):
            yield Finding("note", "audio", "extmap", f"Header extension {uri} is {found[uri][:8]}, not {number}.")
    for uri in found:
        if uri not in expected.values():
            yield Finding("note", "audio", "extmap", f"The app has no header extension {uri[:120]}.")


def _data(data: Part) -> Iterator[Finding]:
    if not re.fullmatch(r"m=application \d+ UDP/DTLS/SCTP webrtc-datachannel", data.first):
        yield Finding("warning", "application", "m-line", "The m-line is not '… UDP/DTLS/SCTP webrtc-datachannel'.")
    if data.value("sctp-port") != "5000":
        yield Finding("warning", "application", "sctp-port", "There is no a=sctp-port:5000.")
    if data.value("max-message-size") != "262144":
        yield Finding("note", "application", "max-message-size", "There is no a=max-message-size:262144.")


def _bundle(sections: list[Part]) -> Iterator[Finding]:
    for name in ("ice-ufrag", "ice-pwd", "fingerprint"):
        if len({value for section in sections for value in section.all(name)}) > 1:
            yield Finding("warning", "session", "bundle", f"The sections of one BUNDLE differ in a={name}.")


def _unknown(session: Part, sections: list[Part]) -> Iterator[Finding]:
    for part in (session, *sections):
        known = _KNOWN_SESSION if part is session else _KNOWN.get(part.kind)
        for name in dict.fromkeys(key for key, _ in part.attributes if known is not None and key not in known):
            yield Finding("note", part.kind, "attribute", f"The app writes no a={name[:40]} here.")
