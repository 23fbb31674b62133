"""Facts of messages between members: headers of the call, frame, JSON, SDP.

Undecided facts have the client's names.
"""

from __future__ import annotations

from simulator.facts import fact

NATIVE_HEADERS = fact(
    "headers.native",
    "seen",
    "Calls of the app's native side carry no x-psn header; `full` refuses them without x-psn-request-id instead.",
    "party-api.md: carry none of them",
    ("bare", "full"),
)
LIST_HEADERS = fact(
    "headers.lists",
    "seen",
    "Lists, bulkGet and profiles carry x-psn headers with a new UUID in x-psn-request-id and the app's long version.",
    "party-api.md: a new UUID in `x-psn-request-id`",
)
JSON_BODY = fact(
    "headers.json", "seen", "Bodies are JSON in UTF-8.", "party-api.md: `Content-Type: application/json; charset=utf-8`"
)
CHANNEL_NAME = fact(
    "miranda.channel",
    "read",
    "Voice signaling travels on channel miranda:12.",
    "signaling.md: customMessage on channel",
)
FRAME = fact(
    "frame.layout",
    "read",
    "A payload that is no frame is refused: 400 Bad Request (body: null).",
    "signaling.md: the sender's account id, u64 little-endian",
)
PLATFORM_CODES = fact(
    "frame.platform-codes", "app", "PS3 is 1, VITA 2, PS4 3, PS5 5, MOBILE_APP 100001.", "signaling.md: 3 is `PS4`"
)
OWN_SENDER = fact(
    "frame.sender",
    "read",
    "Header and JSON name the caller itself, with its platform's code, or the message is refused.",
    "signaling.md: The header's account must be the sender's own",
)
RECIPIENT = fact(
    "miranda.recipient",
    "seen",
    "A message goes to members of the party, named in `to` of call and JSON.",
    "signaling.md: Out: `customMessage`",
)
NO_TWO_CALLS = fact(
    "miranda.global-number",
    "read",
    "global_seq_num grows with each message from a sender to the same recipient.",
    "signaling.md: `global_seq_num` grows",
)
SEQUENCE = fact(
    "miranda.sequence",
    "read",
    "An answer repeats the sdp_sequence_number of an offer that was sent to its sender.",
    "signaling.md: An answer repeats",
)
SDP = fact(
    "sdp.dialect",
    "seen",
    "A description is held against the captured ones and refused where the app would have written it otherwise.",
    "voice.md: libwebrtc's own form",
)
UNFIT = fact(
    "frame.unfit",
    "open",
    "A message that falls the wrong way of one of the facts below is lost without a word, or refused with 400.",
    "signaling.md: What becomes of a message that a console does not understand",
    ("ignored", "refused"),
)
OFFSET_8 = fact(
    "frame.offset-8",
    "open",
    "u32 at offset 8: always 1, or it grows with each message of a sender.",
    "signaling.md: u32; 1 in ours",
    ("one", "counter"),
)
LINE = fact(
    "frame.line",
    "open",
    "The line before the JSON, as in 2026 or as in 2020.",
    "signaling.md: What the three numbers before the JSON mean",
    ("1/1/1", "2/1/1"),
)
ANSWER_CLOCK = fact(
    "sdp.answer-clock",
    "open",
    "The clock that an answer names for Opus.",
    "voice.md: Which Opus clock an answer of ours must name",
    ("16000", "48000"),
)
SSRC_LINES = fact(
    "sdp.ssrc",
    "open",
    "Descriptions have ssrc lines as captured, or none at all.",
    "voice.md: Whether ssrc lines are needed",
    ("as-captured", "none"),
)
PLACE_1 = fact(
    "customdata4.place-1",
    "open",
    "Members are talked with while place 1 of their customData4 is empty, or only once it holds a number.",
    "party-api.md: Place 1 later holds base64",
    ("empty", "number"),
)
