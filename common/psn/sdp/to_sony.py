"""The translation from aiortc's SDP to Sony's dialect, line by line as in the captures (tests/wire/*.sdp).

- A local offer is written like the captured offer.
- A local answer has only what its offer has. Unsupported sections are rejected in place.
"""

from __future__ import annotations

import hashlib
import re
import zlib

from common.psn.sdp.text import (
    OPUS_PARAMETERS,
    BadSdp,
    Candidate,
    Description,
    Kind,
    Section,
    audio_of,
    candidate_line,
    data_of,
    extensions_of,
    head,
    opus_types,
    parse,
    source_of,
    text_of,
)

SONY_RATE = 16_000
"""Clock that Sony's apps write for Opus [seen]. RFC 7587 and aiortc know 48000 only."""
EXTENSIONS = (
    "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
    "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
    "urn:ietf:params:rtp-hdrext:sdes:mid",
    "urn:uuid:84a86fab-a84f-4d61-b376-2ee79d2b67d2#sie:rtp-hdrext:rtp-payload-signature",
)
"""Header extensions of the captured offers, in the order of their ids from 1 [seen]."""
_MAX_MESSAGE = 262_144
_SSRC = re.compile(r"^a=ssrc:.*\r\n", re.MULTILINE)
_GENERATION = re.compile(r"^(a=candidate:.*) generation \d+", re.MULTILINE)
_DATA_FORMAT = "webrtc-datachannel"


def to_sony(sdp: str, kind: Kind, *, offer: str = "", clock: int = 0, ssrc: bool = True) -> str:
    """Return aiortc's local description as Sony's apps would write it. Raises `BadSdp`.

    `offer`: for an answer, its offer as received. Without it the captured offer is the model.
    `clock`: Opus clock of an answer in hertz, or 0 for the offer's. `ssrc`: whether to write ssrc lines.
    """
    found = _to_sony(sdp, kind, offer, clock)
    return found if ssrc else _SSRC.sub("", found)


def with_generation(sdp: str, generation: int) -> str:
    """Return `sdp` with the candidates' ICE generation, which libwebrtc raises by 1 with each ICE restart.

    After a restart some stacks (werift) use no candidate of an older generation.
    """
    return _GENERATION.sub(rf"\1 generation {generation}", sdp)


def _to_sony(sdp: str, kind: Kind, offer: str, clock: int) -> str:
    description = parse(sdp)
    audio = audio_of(description)
    data = data_of(description)
    if not audio.ice or not audio.fingerprints:
        raise BadSdp("the local description has no ICE or DTLS keys")
    if kind == "answer" and offer:
        return text_of(_answer(audio, data, parse(offer), clock))
    formats = _formats(opus_types(audio)[0], SONY_RATE, kind)
    extensions = list(enumerate(EXTENSIONS, 1))
    mids = [audio.mid or "0"] + ([data.mid or "1"] if data is not None else [])
    lines = [*head(_origin(audio)), f"a=group:BUNDLE {' '.join(mids)}", "a=extmap-allow-mixed"]
    lines += ["a=msid-semantic: WMS", *_sony_audio(audio, kind, formats, extensions, mids[0], ptime="40")]
    if data is not None:
        lines += _sony_data(audio, data.candidates if kind == "offer" else [], mids[1])
    return text_of(lines)


def _answer(audio: Section, data: Section | None, offer: Description, clock: int) -> list[str]:
    """Answer every section of `offer` in its order. Unsupported sections are rejected (RFC 3264)."""
    offered_audio, offered_data = audio_of(offer), data_of(offer)
    if data is None or (offered_data is not None and offered_data.rejected):
        offered_data = None
    sections: list[str] = []
    bundled: list[str] = []
    for section in offer.sections:
        if section is offered_audio:
            sections += _answer_audio(audio, section, clock)
        elif section is offered_data and data is not None:
            own = [] if audio.mid in offer.bundle and section.mid in offer.bundle else data.candidates
            sections += _sony_data(audio, own, section.mid, section)
        else:
            sections += _rejected(section)
            continue
        if section.mid in offer.bundle:
            bundled.append(section.mid)
    lines = head(_origin(audio))
    if bundled:
        lines.append(f"a=group:BUNDLE {' '.join(bundled)}")
    if offer.has("extmap-allow-mixed"):
        lines.append("a=extmap-allow-mixed")
    return [*lines, "a=msid-semantic: WMS", *sections]


def _answer_audio(audio: Section, offered: Section, clock: int) -> list[str]:
    number = opus_types(offered)[0]
    rate = clock or offered.payload_types[number][1]
    wanted = _formats(number, rate, "answer")
    kept = {}
    for payload_type, (name, its_clock, _) in offered.payload_types.items():
        if payload_type == number:
            kept[payload_type] = wanted[payload_type]
        elif name == "red" and offered.parameters(payload_type).split("/")[0] == str(number):
            kept[payload_type] = (f"red/{its_clock}/2", f"{number}/{number}")
        elif name in ("cn", "telephone-event"):
            kept[payload_type] = (f"{'CN' if name == 'cn' else name}/{its_clock}", "")
    extensions = [(number, uri) for number, uri in extensions_of(offered) if uri in EXTENSIONS]
    ptime = offered.first("ptime") or ""
    return _sony_audio(
        audio,
        "answer",
        kept,
        extensions,
        offered.mid,
        ptime=ptime if re.fullmatch(r"[0-9]{1,3}", ptime) else "",
        rsize=offered.has("rtcp-rsize"),
        protocol=offered.protocol,
    )


def _formats(opus: int, rate: int, kind: Kind) -> dict[int, tuple[str, str]]:
    """Return payload type → (rtpmap, fmtp) as in the captured descriptions [seen]."""
    formats = {opus: (f"opus/{rate}/2", OPUS_PARAMETERS), 63: ("red/48000/2", f"{opus}/{opus}")}
    if kind == "offer" and opus != 111:
        formats[127] = ("red/48000/2", "111/111")
    formats |= {106: ("CN/32000", ""), 105: ("CN/16000", ""), 13: ("CN/8000", "")}
    return formats | {110: ("telephone-event/48000", ""), 113: ("telephone-event/16000", "")}


def _sony_audio(  # noqa: PLR0913  # one line of the section each
    audio: Section,
    kind: Kind,
    formats: dict[int, tuple[str, str]],
    extensions: list[tuple[int, str]],
    mid: str,
    *,
    ptime: str,
    rsize: bool = True,
    protocol: str = "UDP/TLS/RTP/SAVPF",
) -> list[str]:
    address, port = _default(audio.candidates)
    lines = [f"m=audio {port} {protocol} {' '.join(map(str, formats))}", f"c={_connection(address)}"]
    lines += ["a=rtcp:9 IN IP4 0.0.0.0", *_sony_transport(audio, audio.candidates, mid)]
    lines += [f"a=extmap:{number} {uri}" for number, uri in extensions]
    lines.append(f"a={audio.direction}")
    track = f"- {_track(audio)}_1_CELT/40"
    sends = audio.direction in ("sendrecv", "sendonly")
    lines += [f"a=msid:{track}"] if sends else []
    lines += ["a=rtcp-mux", *(["a=rtcp-rsize"] if rsize else [])]
    for number, (name, parameters) in formats.items():
        lines.append(f"a=rtpmap:{number} {name}")
        lines += [f"a=fmtp:{number} {parameters}"] if parameters else []
    lines += [f"a=ptime:{ptime}"] if ptime else []
    if sends and (source := source_of(audio)):
        lines.append(f"a=ssrc:{source[0]} cname:{source[1]}")
        lines += [f"a=ssrc:{source[0]} msid:{track}"] if kind == "offer" else []
    return lines


def _sony_data(audio: Section, candidates: list[Candidate], mid: str, offered: Section | None = None) -> list[str]:
    address, port = _default(candidates)
    protocol, form = "UDP/DTLS/SCTP", _DATA_FORMAT
    if offered is not None:
        protocol, form = offered.protocol, " ".join(offered.formats)
    lines = [f"m=application {port} {protocol} {form}", f"c={_connection(address)}"]
    lines += _sony_transport(audio, candidates, mid)
    if protocol == "DTLS/SCTP":
        return [*lines, f"a=sctpmap:{form} {_DATA_FORMAT} 65535"]
    return [*lines, "a=sctp-port:5000", f"a=max-message-size:{_MAX_MESSAGE}"]


def _sony_transport(audio: Section, candidates: list[Candidate], mid: str) -> list[str]:
    ufrag, pwd = audio.ice or ("", "")
    algorithm, value = audio.fingerprints[0]
    lines = [f"a=candidate:{_sony_candidate(candidate)}" for candidate in candidates]
    lines += [f"a=ice-ufrag:{ufrag}", f"a=ice-pwd:{pwd}", "a=ice-options:trickle"]
    lines += [f"a=fingerprint:{algorithm} {value}", f"a=setup:{audio.first('setup') or 'actpass'}"]
    return [*lines, f"a=mid:{mid}"] if mid else lines


def _sony_candidate(candidate: Candidate) -> str:
    """Return the candidate line with a numeric foundation, like libwebrtc, and with generation and network [seen]."""
    numbered = Candidate(
        str(zlib.crc32(candidate.foundation.encode())),
        candidate.priority,
        candidate.address,
        candidate.port,
        candidate.kind,
        candidate.related,
    )
    return f"{candidate_line(numbered)} generation 0 network-id 1 network-cost 10"


def _rejected(section: Section) -> list[str]:
    lines = [f"m={section.kind} 0 {section.protocol} {' '.join(section.formats)}", "c=IN IP4 0.0.0.0"]
    return [*lines, *([f"a=mid:{section.mid}"] if section.mid else []), "a=inactive"]


def _default(candidates: list[Candidate]) -> tuple[str, int]:
    """Return the address for the m-line, the public one if known, IPv4 first, as in the captures."""
    order = sorted(candidates, key=lambda c: (":" in c.address, c.kind != "srflx", -c.priority))
    return (order[0].address, order[0].port) if order else ("0.0.0.0", 9)  # noqa: S104  # SDP's word for "none"


def _connection(address: str) -> str:
    return f"IN IP{6 if ':' in address else 4} {address}"


def _origin(audio: Section) -> str:
    """Return an o-line with 63 random bits like libwebrtc's, derived from the random parts of the keys."""
    digest = hashlib.sha256(repr((audio.ice, audio.fingerprints)).encode()).digest()
    return f"- {int.from_bytes(digest[:8], 'big') >> 1} 2 IN IP4 127.0.0.1"


def _track(audio: Section) -> str:
    digest = hashlib.sha256(b"track" + repr((audio.ice, audio.fingerprints)).encode()).hexdigest().upper()
    return f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-A{digest[17:20]}-{digest[20:32]}"
