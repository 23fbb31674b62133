"""The captured descriptions, and real ones that aiortc makes."""

from __future__ import annotations

from pathlib import Path

WIRE = Path(__file__).parents[3] / "wire"


def sample(name: str) -> str:
    return (WIRE / f"{name}.sdp").read_bytes().decode()


OFFER = sample("p2p-offer")
ANSWER = sample("p2p-answer")
BRIDGE_OFFER = sample("bridge-offer")


def keys(sdp: str) -> list[str]:
    """Return what each line is about, without its values: ``m=audio``, ``a=rtpmap:96``, ``a=mid`` …"""
    found = []
    for line in sdp.split("\r\n")[:-1]:
        name, _, value = line.partition(":")
        if name in ("a=rtpmap", "a=fmtp", "a=extmap"):
            name += ":" + value.split()[0]
        elif name.startswith("m="):
            name = line.split()[0]
        elif name[0] in "vostc":
            name = name[:2]
        found.append(name)
    return found
