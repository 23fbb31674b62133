"""A stack's descriptions as a console would have written them, and ours as that stack shall see them. No I/O.

The product's codec of Sony's dialect stands on our side of this; nothing here is shared with it.
"""

from __future__ import annotations

import hashlib
import re

from benchmarks.stacks.conditions import Condition
from benchmarks.stacks.sound import RED
from tests.chromium import sdp as libwebrtc

_LOCAL = "4f1c2d7e-9a53-4b0e-8c11-0d6b1b7f2a{:02x}.local"
_CANDIDATE = re.compile(r"a=candidate:(\S+) (\d+) (\S+) (\d+) (\S+) (\d+) (.*)")


def to_sony(sdp: str, condition: Condition, der: bytes) -> str:
    """Return what the console sends; `der` is its certificate."""
    lines = libwebrtc.to_sony("\r\n".join(re.split(r"\r?\n", sdp))).split("\r\n")
    lines = _candidates(lines, condition)
    out = []
    for line in lines:
        changed = line
        if line.startswith("a=fingerprint:"):
            changed = f"a=fingerprint:{fingerprint(der, condition)}"
        elif line.startswith("a=setup:") and condition.offers:
            changed = f"a=setup:{condition.setup}"
        out.append(changed)
    return "\r\n".join(_with_red(out) if condition.red else out)


def from_sony(sdp: str, condition: Condition, *, offer: bool) -> str:
    """Return our description as the console's stack takes it."""
    lines = libwebrtc.from_sony(sdp).split("\r\n")
    if condition.candidates == "ipv6":
        lines = [line for line in lines if not _is_ipv4(line)]
    wanted = {"active": "passive", "passive": "active", "actpass": "actpass"}[condition.setup]
    out = []
    for line in lines:
        changed = line
        if line.startswith("a=setup:") and offer:
            changed = f"a=setup:{wanted}"  # so that the stack takes the role that it is to have
        elif line.startswith("a=ptime:"):
            changed = f"a=ptime:{condition.ptime}\r\na=maxptime:{condition.ptime}"
        elif re.match(r"a=fmtp:\d+ minptime", line):
            changed = re.sub("minptime=10", "minptime=10;usedtx=1", line) if condition.dtx else line
            changed = changed.replace("stereo=0", "stereo=1;sprop-stereo=1") if condition.stereo else changed
        elif line.startswith("m=audio") and condition.red:
            head, types = re.split(r"(?<=SAVPF) ", line)
            rest = [number for number in types.split() if number != str(RED)]
            changed = f"{head} {RED} {' '.join(rest)}"
        out.append(changed)
    return "\r\n".join(out)


def fingerprint(der: bytes, condition: Condition) -> str:
    """Return the value of ``a=fingerprint`` for a certificate."""
    digest = hashlib.new(condition.hashed.replace("-", ""), der).digest()
    digest = digest[:-1] + bytes([digest[-1] ^ 1]) if condition.wrong_hash else digest
    return f"{condition.hashed} {digest.hex(':').upper()}"


def _is_ipv4(line: str) -> bool:
    match = _CANDIDATE.fullmatch(line)
    return match is not None and ":" not in match[5]


def _candidates(lines: list[str], condition: Condition) -> list[str]:
    """Leave candidates out, or put useless ones beside, as the condition says."""
    out, number = [], 0
    for line in lines:
        match = _CANDIDATE.fullmatch(line)
        if match is None:
            out.append(line)
            continue
        number += 1
        foundation, component, _, priority, address, port, rest = match.groups()
        named = f"a=candidate:{foundation} {component} udp {priority} {_LOCAL.format(number % 256)} {port} {rest}"
        if condition.candidates == "local":
            out.append(named)
        elif condition.candidates != "ipv6" or ":" in address:
            out.append(line)
        if condition.candidates == "mixed":
            out.append(f"a=candidate:{foundation}1 {component} tcp {priority} {address} 9 {rest} tcptype active")
            out.append(f"a=candidate:{foundation}2 {component} ssltcp {priority} {address} 443 {rest} tcptype passive")
            out.append(named)
    return out


def _with_red(lines: list[str]) -> list[str]:
    """Name RED where the stack sends it without having been asked to describe it."""
    if any(re.match(rf"a=rtpmap:{RED} red/", line, re.IGNORECASE) for line in lines):
        return lines
    out = []
    for line in lines:
        changed = line
        if line.startswith("m=audio"):
            changed = re.sub(r"SAVPF ", f"SAVPF {RED} ", line)
        out.append(changed)
        if line.startswith("a=rtpmap:96 "):
            out += [f"a=rtpmap:{RED} red/48000/2", f"a=fmtp:{RED} 96/96"]
    return out
