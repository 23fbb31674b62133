"""The translation from Sony's dialect to what aiortc 1.16 accepts. Every line is rebuilt from parsed values."""

from __future__ import annotations

import re

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

AIORTC_RATE = 48_000
"""The only clock of Opus that aiortc (and RFC 7587) knows."""
_DATA_FORMAT = "webrtc-datachannel"


def from_sony(sdp: str, kind: Kind, *, offer: str = "") -> str:
    """Return the other side's description as aiortc accepts it. Raises `BadSdp`.

    `offer`: for an answer, its offer as it was sent. Sections that the answer omits or names otherwise
    are filled in from it (aiortc demands the same sections in both).
    Payload types keep their numbers. Candidates are marked complete, since there is no trickle.
    """
    description = parse(sdp)
    audio = audio_of(description)
    data = data_of(description)
    if not audio.ice:
        raise BadSdp("the audio section has no ICE user fragment and password")
    if not audio.fingerprints:
        raise BadSdp("the audio section has no SHA-256 fingerprint of the DTLS certificate")
    mids = _mids(description, audio, data, offer)
    shared = _shares_transport(description, audio, data)
    bundle = mids if shared else mids[:1]
    if shared and data is not None and description.bundle[:1] == [data.mid]:
        bundle = bundle[::-1]  # the first mid's candidates are the ones that count
    lines = head(description.origin)
    lines += [f"a=group:BUNDLE {' '.join(bundle)}", "a=msid-semantic: WMS *"]
    if description.has("ice-lite") or audio.has("ice-lite"):
        lines.append("a=ice-lite")  # such a peer only answers checks, so we must be controlling, whoever offered
    lines += _plain_audio(audio, kind, mids[0], _candidates(audio, data if shared else None))
    if len(mids) == 2:
        source = audio if shared or data is None else data
        own = data.candidates if data is not None else []
        lines += _plain_data(source, data, kind, mids[1], own or (audio.candidates if shared else []))
    return text_of(lines)


def _mids(description: Description, audio: Section, data: Section | None, offer: str) -> list[str]:
    """Return the mid of the audio section and, if there is to be one, of the data section."""
    if offer:
        mine = parse(offer)
        my_data = data_of(mine)
        mids = [audio_of(mine).mid or "0"]
        return mids if my_data is None or my_data.rejected else [*mids, my_data.mid or "1"]
    if data is not None and data.rejected:
        data = None
    sections = [audio] if data is None else [audio, data]
    mids = [section.mid or str(description.sections.index(section)) for section in sections]
    if len(set(mids)) != len(mids):
        raise BadSdp(f"two sections are both called {mids[0][:40]!r}")
    return mids


def _shares_transport(description: Description, audio: Section, data: Section | None) -> bool:
    """Return whether audio and data share one transport. They do if data has no keys of its own."""
    if data is None or data.rejected or not data.ice or not data.fingerprints:
        return True
    return bool(description.bundle) and all(mid in description.bundle for mid in (audio.mid, data.mid) if mid)


def _candidates(audio: Section, data: Section | None) -> list[Candidate]:
    return audio.candidates or (data.candidates if data is not None else [])


def _plain_audio(audio: Section, kind: Kind, mid: str, candidates: list[Candidate]) -> list[str]:
    numbers = opus_types(audio)
    lines = [f"m=audio 9 UDP/TLS/RTP/SAVPF {' '.join(map(str, numbers))}", "c=IN IP4 0.0.0.0"]
    lines += [f"a=mid:{mid}", f"a={audio.direction}", "a=rtcp:9 IN IP4 0.0.0.0", "a=rtcp-mux"]
    lines += [f"a=extmap:{number} {uri}" for number, uri in extensions_of(audio)]
    for number in numbers:
        lines.append(f"a=rtpmap:{number} opus/{AIORTC_RATE}/2")
        lines.append(f"a=fmtp:{number} {OPUS_PARAMETERS}")
    if source := source_of(audio):
        lines.append(f"a=ssrc:{source[0]} cname:{source[1]}")
    return lines + _plain_transport(audio, kind, candidates)


def _plain_data(source: Section, data: Section | None, kind: Kind, mid: str, own: list[Candidate]) -> list[str]:
    """Return the data section's lines. `source` has the transport's keys, the audio section if both share one."""
    port = (data.first("sctp-port") if data is not None else None) or "5000"
    if data is not None and data.protocol == "DTLS/SCTP":
        port = data.formats[0]
    port = port if re.fullmatch(r"[0-9]{1,5}", port) and 0 < int(port) < 65536 else "5000"
    size = (data.first("max-message-size") if data is not None else None) or ""
    size = size if re.fullmatch(r"[0-9]{1,9}", size) else "65536"
    lines = [f"m=application 9 UDP/DTLS/SCTP {_DATA_FORMAT}", "c=IN IP4 0.0.0.0"]
    lines += [f"a=mid:{mid}", f"a=sctp-port:{int(port)}", f"a=max-message-size:{int(size)}"]
    return lines + _plain_transport(source, kind, own)


def _plain_transport(section: Section, kind: Kind, candidates: list[Candidate]) -> list[str]:
    ufrag, pwd = section.ice or ("", "")
    lines = [f"a=candidate:{candidate_line(candidate)}" for candidate in candidates]
    if candidates:  # without any, the other side's checks may still reach us, so candidates stay incomplete
        lines.append("a=end-of-candidates")
    lines += [f"a=ice-ufrag:{ufrag}", f"a=ice-pwd:{pwd}"]
    lines += [f"a=fingerprint:{algorithm} {value}" for algorithm, value in section.fingerprints]
    setup = section.first("setup") or ""
    allowed = ("active", "passive", "actpass") if kind == "offer" else ("active", "passive")
    if setup not in allowed:
        setup = "actpass" if kind == "offer" else "active"
    return [*lines, f"a=setup:{setup}"]
