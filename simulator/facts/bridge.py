"""Facts of rtcBridge, Sony's relay between members who do not reach each other."""

from __future__ import annotations

from simulator.facts import fact

HEADERS = fact(
    "bridge.headers",
    "seen",
    "A call without a known X-PSN-RTC-TITLE-ID is refused (400), one without the bridge's token too (403).",
    "voice.md: Header `X-PSN-RTC-TITLE-ID: METROPOL_AND`",
)
BARE = fact(
    "bridge.bare",
    "app",
    "None of the x-psn-* headers of the app's lists is asked for.",
    "voice.md: none of the `x-psn-*` headers",
)
MADE = fact(
    "bridge.made",
    "seen",
    "A bridge is made from {}; the answer has its id, its token and a hosting type.",
    "voice.md: The order: make the bridge",
)
OFFERS = fact(
    "bridge.offers",
    "seen",
    "Adding a peer and renewing it answer with the bridge's offer, in the captured dialect.",
    "voice.md: **the bridge offers**",
)
ANSWERED = fact(
    "bridge.answered",
    "read",
    "An answer is refused that is not of the offered payload types, directions and ICE, or that comes twice.",
    "voice.md: An answer keeps to the offer",
)
PEERS = fact(
    "bridge.peers",
    "seen",
    "`fields=peer.peerId` lists the peers of a bridge; peers and bridges are deleted with 202.",
    "voice.md: `GET /api/rtcBridge/v1/bridges/{bridge_id}`",
)
LINKED = fact(
    "bridge.linked",
    "seen",
    "Linking a bridge to a party needs X-PSN-SESSION-MANAGER-IGNORE-CONFLICT: true and the bridge's token.",
    "voice.md: Linking sends",
)
TOLD = fact(
    "bridge.told",
    "app",
    "v2:ps:bridges:created carries bridgeId, bridgeToken and bridgeEtag, v2:ps:bridges:deleted the bridgeId.",
    "voice.md: The events `v2:ps:bridges:created`",
)
VIEWED = fact(
    "bridge.viewed",
    "app",
    "The view of a party shows its bridges where view=v2 is asked for, and only there.",
    "voice.md: A party's bridges are in its view",
)
UNLINKED = fact(
    "bridge.unlinked",
    "app",
    "Unlinking needs If-Match with the bridge's etag in double quotes; anything else is refused (412).",
    "voice.md: Unlinking sends",
)
ENDED = fact(
    "bridge.ended",
    "read",
    "A bridge that is still linked to a party is not deleted (409).",
    "voice.md: A bridge is unlinked before",
)
MEMBERS = fact(
    "bridge.members",
    "read",
    "Only members of the party that a bridge is linked to have peers on it; who leaves loses them.",
    "voice.md: Only members of the party",
)
DIRECTION = fact(
    "bridge.direction",
    "read",
    "The direction of the offer to a client: both ways, only to listen, only to speak, or both ways from the first"
    " renewed offer on after somebody else has come onto the bridge.",
    "voice.md: Which direction the offer to us has",
    ways=("sendrecv", "recvonly", "sendonly", "later"),
)
CARRIES = fact(
    "bridge.carries",
    "read",
    "Who comes onto a bridge: members who cannot reach its maker, only the first one of them, or every member."
    " It carries the voices of those who are on it.",
    "voice.md: Who comes onto a bridge",
    ways=("needing", "pair", "party"),
)
FORBIDDEN = fact(
    "bridge.p2p-forbidden",
    "read",
    "A console whose user forbids P2P (policy bridge-only) neither offers nor answers, and comes onto bridges.",
    "voice.md: A user setting forbids P2P",
)
FAILED = fact(
    "bridge.p2p-failed",
    "app",
    "A console that nobody reaches (policy unreachable) answers, never connects, and comes onto bridges.",
    "voice.md: The app makes a bridge when P2P with a member failed",
)
