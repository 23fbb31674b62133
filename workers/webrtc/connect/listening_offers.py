"""Offers of listeners and our answers, as SDP text. No I/O.

What is wrong with an offer is said here. aiortc only sees one audio section with Opus, without candidates: a listener
finds us by our own, and we send only to where its checks come from. So the `.local` names that browsers have in the
place of their addresses do not matter, and no offer can make us send to another machine.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from common.errors import PartylineError

_FINGERPRINT = re.compile(r"^a=fingerprint:sha-256 ((?:[0-9a-f]{2}:){31}[0-9a-f]{2})\s*$", re.IGNORECASE | re.MULTILINE)
_OPUS = re.compile(r"^a=rtpmap:(\d{1,3}) opus/48000/2\s*$", re.IGNORECASE | re.MULTILINE)
_DROPPED = ("a=candidate:", "a=end-of-candidates", "a=extmap:", "a=ice-options:")
_REMEDY = "Offer to receive one audio track, with Opus."


class BadOfferError(PartylineError):
    code = "webrtc.bad-offer"


@dataclass(frozen=True)
class ListeningOffer:
    sdp: str
    """As aiortc gets it."""
    fingerprint: str
    """Of the listener's certificate, SHA-256, in capitals."""
    opus: str
    """Its payload type."""


def understood(text: str) -> ListeningOffer:
    """Return what an offer says. Raises `BadOfferError`."""
    lines = text.replace("\r\n", "\n").split("\n")
    media = [line for line in lines if line.startswith("m=")]
    opus = _OPUS.search(text)
    fingerprints = {found.upper() for found in _FINGERPRINT.findall(text)}
    if not lines[0].startswith("v=0"):
        raise BadOfferError("The offer is no SDP.", _REMEDY)
    if len(media) != 1 or not media[0].startswith("m=audio "):
        raise BadOfferError("The offer has another number of audio sections than one, or other sections.", _REMEDY)
    if opus is None or opus[1] not in media[0].split()[3:]:
        raise BadOfferError("The offer has no Opus.", _REMEDY)
    if len(fingerprints) != 1:
        raise BadOfferError("The offer has no fingerprint by SHA-256, or several.", _REMEDY)
    if not all(any(line.startswith(f"a={name}:") for line in lines) for name in ("ice-ufrag", "ice-pwd", "setup")):
        raise BadOfferError("The offer lacks a=ice-ufrag, a=ice-pwd or a=setup.", _REMEDY)
    if "a=sendonly" in lines or "a=inactive" in lines:
        raise BadOfferError("The offer does not ask to receive.", _REMEDY)
    kept = [_narrowed(line, opus[1]) for line in lines if not line.startswith(_DROPPED)]
    kept = [line for line in kept if not _is_of_other_codec(line, opus[1])]
    return ListeningOffer("\r\n".join(line for line in kept if line) + "\r\n", fingerprints.pop(), opus[1])


def answer(sdp: str, offer: ListeningOffer, *, stereo: bool) -> str:
    """Return our answer with what aiortc leaves out: that there is FEC, and how many channels."""
    sides = int(stereo)
    line = f"a=fmtp:{offer.opus} minptime=10;useinbandfec=1;stereo={sides};sprop-stereo={sides}"
    kept = [one for one in sdp.splitlines() if not one.startswith(f"a=fmtp:{offer.opus} ")]
    place = next(number for number, one in enumerate(kept) if one.startswith(f"a=rtpmap:{offer.opus} ")) + 1
    return "\r\n".join([*kept[:place], line, "a=ptime:20", *kept[place:]]) + "\r\n"


def _narrowed(line: str, opus: str) -> str:
    return " ".join([*line.split()[:3], opus]) if line.startswith("m=audio ") else line


def _is_of_other_codec(line: str, opus: str) -> bool:
    name, _, rest = line.partition(":")
    return name in ("a=rtpmap", "a=fmtp", "a=rtcp-fb") and rest.partition(" ")[0] not in (opus, "*")
