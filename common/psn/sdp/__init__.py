"""The translation of Sony's SDP dialect, to aiortc's (`from_sony`) and back (`to_sony`).

The dialect is libwebrtc's with differences [seen: tests/wire/*.sdp]: ``opus/16000/2`` where RFC 7587 requires
48000, RED and CN beside it, a data channel in the BUNDLE, every candidate in the text. Both sides of a
call may be partyline's (the simulator's consoles are), so the functions are symmetric. Text in, text out.
They raise only `BadSdp`, for what cannot be used.
"""

from __future__ import annotations

from common.psn.sdp.from_sony import from_sony
from common.psn.sdp.text import BadSdp, Kind, audio_of, opus_types, parse
from common.psn.sdp.to_sony import to_sony, with_generation

__all__ = ["BadSdp", "Kind", "from_sony", "opus_format", "payload_types", "to_sony", "with_generation"]


def opus_format(sdp: str) -> tuple[int, int]:
    """Return (payload type, clock rate as written) of the first Opus format. Raises `BadSdp`."""
    audio = audio_of(parse(sdp))
    number = opus_types(audio)[0]
    return number, audio.payload_types[number][1]


def payload_types(sdp: str) -> dict[int, tuple[str, int]]:
    """Return payload type → (lower-case encoding name, clock rate as written) of the audio section. Raises `BadSdp`."""
    return {number: (name, rate) for number, (name, rate, _) in audio_of(parse(sdp)).payload_types.items()}
