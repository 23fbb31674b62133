"""Scrubbing of SDP: addresses, ports, credentials, fingerprints, sources and names are replaced."""

# ruff: noqa: SIM905

from __future__ import annotations

import re

from captures.scrub.allow_list import is_known
from captures.scrub.protocol import Scrubbing
from captures.scrub.runs import run

_MEDIA = re.compile(
    r"m=(audio|video|application|text|message) ([0-9]{1,5})((?:/[0-9]{1,3})? [A-Za-z/]+)((?: [\w-]+)+)", re.ASCII
)
_ATTRIBUTES = {
    "group": r"BUNDLE(?: [0-9]{1,2}| audio| video| data)*",
    "msid-semantic": r" ?WMS ?\*?",
    "ice-options": r"(?: ?(?:trickle|renomination|ice2))+",
    "setup": r"actpass|active|passive|holdconn",
    "mid": r"[0-9]{1,2}|audio|video|data",
    "rtpmap": r"[0-9]{1,3} [A-Za-z-]{1,16}[0-9]{0,3}/[0-9]{4,6}(?:/[0-9])?",
    "fmtp": r"[0-9]{1,3} (?:[a-z]{2,24}=[0-9]{1,6}(?:;|$)|[0-9]{1,3}(?:/|$))+",
    "rtcp-fb": r"(?:[0-9]{1,3}|\*) [a-z -]{1,30}",
    "ptime": r"[0-9]{1,3}",
    "maxptime": r"[0-9]{1,3}",
    "sctp-port": r"[0-9]{1,5}",
    "sctpmap": r"[0-9]{1,5} webrtc-datachannel [0-9]{1,5}",
    "max-message-size": r"[0-9]{1,9}",
    **dict.fromkeys(
        """sendrecv sendonly recvonly inactive rtcp-mux rtcp-rsize extmap-allow-mixed end-of-candidates
        bundle-only""".split(),
        "",
    ),
}
_EXTENSIONS = frozenset(
    """urn:ietf:params:rtp-hdrext:ssrc-audio-level urn:ietf:params:rtp-hdrext:sdes:mid
    urn:ietf:params:rtp-hdrext:toffset
    http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
    http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
    urn:uuid:84a86fab-a84f-4d61-b376-2ee79d2b67d2#sie:rtp-hdrext:rtp-payload-signature""".split()
)
"""Header extensions of the captured descriptions, constants of libwebrtc and of Sony's app [seen]."""
_CANDIDATE = re.compile(
    r"((?:a=)?candidate:)(\S+) ([0-9]{1,3}) (udp|tcp|UDP|TCP) ([0-9]{1,10}) "
    r"(\S+) ([0-9]{1,5}) typ (host|srflx|prflx|relay)((?: \S+ \S+)*)"
)
_PLAIN_PAIRS = {
    "generation": r"[0-9]{1,2}",
    "network-id": r"[0-9]{1,3}",
    "network-cost": r"[0-9]{1,3}",
    "tcptype": r"active|passive|so",
}
_NET = re.compile(r"(IN IP[46]) (\S+)")
_PAIRS = re.compile(r"(?:[0-9A-Fa-f]{2}:){15,63}[0-9A-Fa-f]{2}")


def description(scrubber: Scrubbing, text: str) -> str:
    """Return a session description scrubbed line by line, with the same line ends."""
    return "".join(
        part if part in ("\r\n", "\n", "\r", "") else _line(scrubber, part) for part in re.split(r"(\r\n|\n|\r)", text)
    )


def _line(scrubber: Scrubbing, line: str) -> str:
    if re.fullmatch(r"v=0|s=-|t=0 0|b=(?:AS|TIAS):[0-9]{1,7}", line):
        return line
    if line.startswith("a="):
        return _attribute(scrubber, line)
    if line.startswith("m=") and (media := _MEDIA.fullmatch(line)):
        formats = " ".join(
            word if re.fullmatch(r"[0-9]{1,3}|webrtc-datachannel", word) else scrubber.plain(word)
            for word in media[4].split()
        )
        protocol = media[3] if is_known(media[3].replace("/", " ").strip()) else scrubber.plain(media[3])
        return f"m={media[1]} {scrubber.replace.port(int(media[2]))}{protocol} {formats}"
    if line.startswith("o=") and (words := line[2:].split(" ")) and len(words) == 6:
        user = words[0] if words[0] == "-" else scrubber.plain(words[0])
        version = words[2] if re.fullmatch(r"[0-9]{1,3}", words[2]) else scrubber.plain(words[2])
        return f"o={user} {scrubber.plain(words[1])} {version} {_net(scrubber, ' '.join(words[3:]))}"
    if line.startswith("c="):
        return "c=" + _net(scrubber, line[2:])
    return line[:2] + scrubber.plain(line[2:]) if re.match(r"[a-z]=", line) else scrubber.plain(line)


def _net(scrubber: Scrubbing, text: str) -> str:
    match = _NET.fullmatch(text)
    return f"{match[1]} {scrubber.address(match[2])}" if match else scrubber.plain(text)


def _attribute(scrubber: Scrubbing, line: str) -> str:
    name, colon, value = line[2:].partition(":")
    shape = _ATTRIBUTES.get(name)
    if shape is not None and re.fullmatch(shape, value) and (value or not colon):
        return line
    special = {
        "candidate": _candidate_value,
        "extmap": _extension,
        "rtcp": _rtcp,
        "fingerprint": _fingerprint,
        "ssrc": _source,
        "msid": _msid,
    }
    scrub = special.get(name)
    if scrub is not None:
        return f"a={name}:{scrub(scrubber, value)}"
    known = name if is_known(name) else scrubber.plain(name)
    return f"a={known}{colon}{scrubber.plain(value)}"


def _candidate_value(scrubber: Scrubbing, value: str) -> str:
    return candidate(scrubber, "candidate:" + value).removeprefix("candidate:")


def candidate(scrubber: Scrubbing, text: str) -> str:
    """Return ``candidate:…`` with fake foundation, addresses and ports."""
    match = _CANDIDATE.fullmatch(text)
    if match is None:
        start = "a=" if text.startswith("a=") else ""
        return f"{start}candidate:{scrubber.plain(text.removeprefix(start).removeprefix('candidate:'))}"
    start, foundation, component, transport, priority, address, port, kind, more = match.groups()
    fresh = f"{start}{scrubber.plain(foundation)} {component} {transport} {priority} {scrubber.address(address)}"
    words = more.split()
    pairs = "".join(_pair(scrubber, *pair) for pair in zip(words[::2], words[1::2], strict=True))
    return f"{fresh} {scrubber.replace.port(int(port))} typ {kind}{pairs}"


def _pair(scrubber: Scrubbing, name: str, value: str) -> str:
    if name == "raddr":
        return f" raddr {scrubber.address(value)}"
    if name == "rport" and re.fullmatch(r"[0-9]{1,5}", value):
        return f" rport {scrubber.replace.port(int(value))}"
    shape = _PLAIN_PAIRS.get(name)
    if shape and re.fullmatch(shape, value):
        return f" {name} {value}"
    return f" {name if is_known(name) else scrubber.plain(name)} {scrubber.plain(value)}"


def _extension(scrubber: Scrubbing, value: str) -> str:
    number, _, uri = value.partition(" ")
    if re.fullmatch(r"[0-9]{1,3}", number) and uri in _EXTENSIONS:
        return value
    return (
        f"{number if re.fullmatch(r'[0-9]{1,3}', number) else scrubber.plain(number)} {scrubber.plain(uri, words=True)}"
    )


def _rtcp(scrubber: Scrubbing, value: str) -> str:
    port, _, net = value.partition(" ")
    if not re.fullmatch(r"[0-9]{1,5}", port):
        return scrubber.plain(value)
    return f"{scrubber.replace.port(int(port))} {_net(scrubber, net)}" if net else str(scrubber.replace.port(int(port)))


def _fingerprint(scrubber: Scrubbing, value: str) -> str:
    name, _, digest = value.partition(" ")
    known = name if re.fullmatch(r"sha-(?:1|256|384|512)", name) else scrubber.plain(name)
    if not _PAIRS.fullmatch(digest):
        return f"{known} {scrubber.plain(digest)}"
    fake = run(scrubber.replace, digest.replace(":", ""))  # as plain text it would be a row, which is blanked
    return f"{known} {':'.join(fake[at : at + 2] for at in range(0, len(fake), 2))}"


def _source(scrubber: Scrubbing, value: str) -> str:
    number, _, rest = value.partition(" ")
    name, colon, text = rest.partition(":")
    known = name if is_known(name) else scrubber.plain(name)
    scrubbed = _msid(scrubber, text) if name == "msid" else scrubber.plain(text)
    return f"{scrubber.plain(number)} {known}{colon}{scrubbed}"


def _msid(scrubber: Scrubbing, value: str) -> str:
    r"""Return a scrubbed ``- <UUID>_1_CELT/40`` [seen]. Codec and packet time stay."""
    match = re.fullmatch(r"(.*?)((?:_[0-9]{1,2})?_(?:CELT|SILK)/[0-9]{1,3})?", value, re.DOTALL)
    return scrubber.plain(match[1]) + (match[2] or "") if match else scrubber.plain(value)
