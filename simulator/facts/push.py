"""Facts of the push channel."""

from __future__ import annotations

from simulator.facts import fact

SERVERADDR = fact(
    "push.serveraddr",
    "seen",
    "serveraddr names the server, the keep-alive of the type that was asked for, and retries.",
    "push.md: answers `fqdn` and `keepAliveStatus` in ms",
)
RETRIES = fact(
    "push.retry-intervals",
    "app",
    "retryIntervalMin and Max are seconds (120, 180), in serveraddr and the upgrade's answer.",
    "push.md: `retryIntervalMin` and `retryIntervalMax` are seconds",
)
TYPES = fact(
    "push.types",
    "app",
    "Type 6 is idle, 3 is voice chat; another one is refused by its returnCode.",
    "push.md: Type 6 means idle (60 s), type 3 voice chat (10 s)",
)
OLD_PROTOCOL = fact(
    "push.protocol-2.1",
    "seen",
    "2.1 is served with type 3 in the query, and has no authorising frame.",
    "push.md: The older form is `version=2.1&keepAliveStatusType=3`",
)
HANDSHAKE = fact(
    "push.handshake",
    "seen",
    "The WebSocket wants its subprotocol (else 400), a token (else 401) and the X-PSN headers.",
    "push.md: The WebSocket has the subprotocol `np-pushpacket`",
)
OPENED_IDLE = fact(
    "push.opened-idle",
    "app",
    "A 3.0 socket that is opened with another type than 6 is refused (400).",
    "push.md: is always opened as idle (6)",
)
AUTHORISE = fact(
    "push.authorise",
    "app",
    "The first frame, method 1003, is answered with its tranId and returnCode 0, or not at all.",
    "push.md: The server answers 1003 with the same method and tranId",
    ways=("answered", "unanswered"),
)
AUTHORISE_ONCE = fact(
    "push.authorise-once",
    "app",
    "A second 1003 on one connection breaks a rule, and is refused by its returnCode.",
    "push.md: 1003 is sent once after every connect",
)
AUTH_REFUSED = fact(
    "push.authorise-refused",
    "open",
    "A refused 1003 has a returnCode other than 0; the connection is closed then, or stays.",
    "push.md: Which returnCodes there are, and whether a refused connection is closed",
    ways=("closes", "stays"),
)
AUTHORISE_LIMIT = fact(
    "push.authorise-limit",
    "open",
    "A 3.0 connection without a 1003 for 5 s is closed.",
    "push.md: How long a 3.0 connection may stay without its 1003",
)
STATUS = fact(
    "push.status",
    "app",
    "Method 1007 changes the type on the open socket; the answer's keepAliveStatus counts at once.",
    "push.md: Method 1007 changes the keep-alive type on the open socket",
)
TRAN_ID = fact(
    "push.tran-id",
    "app",
    "A client's frame is 1003 or 1007 of version 3.0 with a tranId of 1 to 60 characters.",
    "push.md: `tranId` has 1 to 60 characters",
)
BEFORE_PARTY = fact(
    "push.voice-chat-first",
    "app",
    "A create or join is refused (403) unless a 1007 to voice chat was accepted on the channel.",
    "push.md: Before a create or join the app has 1007 to voice chat accepted",
    ways=("demanded", "not-demanded"),
)
NEEDED = fact(
    "push.needed",
    "seen",
    "Without an open push channel a create, a join and a message meet 404.",
    "push.md: It must be open before one creates or joins a party",
)
PINGS = fact(
    "push.pings",
    "seen",
    "A connection without a ping for serverKeepAliveTimeout is closed.",
    "push.md: WebSocket pings at `clientKeepAliveInterval`",
)
PONGS = fact(
    "push.pongs",
    "app",
    "A pong comes within clientKeepAliveTimeout, perhaps late, whatever the interval.",
    "push.md: The pong's limit is `clientKeepAliveTimeout`",
)
CLOSES = fact(
    "push.close-codes",
    "app",
    "The client closes with 4100 (no pong) or 4101 (orderly end); another code breaks a rule.",
    "push.md: Close codes 4100 (no pong) and 4101 (orderly end) are the app's own",
)
ODD_CLOSES = fact(
    "push.odd-close-codes",
    "seen",
    "The server closes with 65535 when it has had enough.",
    "push.md: The server may close with odd codes (65535)",
)
RECONNECTION = fact(
    "push.reconnection",
    "app",
    "X-PSN-RECONNECTION is true within serverPresenceTimeout since the loss, and false after it.",
    "push.md: `X-PSN-RECONNECTION` is `true` as long as less than `serverPresenceTimeout`",
)
RECONNECTED_FALSE = fact(
    "push.reconnected-false",
    "read",
    "A connection that says false within that time ends the membership, or does not.",
    "push.md: A new connection that says `false` ended the membership",
    ways=("drops", "keeps"),
)
PRESENCE = fact(
    "push.presence",
    "read",
    "A member without a push channel for longer than serverPresenceTimeout is dropped, or is not.",
    "push.md: Whoever is without a channel for longer than `serverPresenceTimeout`",
    ways=("drops", "keeps"),
)
WHILE_AWAY = fact(
    "push.while-away",
    "open",
    "Events that come while there is no channel are lost, or come with the reconnection.",
    "push.md: Whether events that come while there is no channel are kept",
    ways=("lost", "kept"),
)
OPCODES = fact(
    "push.opcodes",
    "seen",
    "Events come in text and in binary frames, one opcode as well as the other.",
    "push.md: JSON in text or binary frames, method 3001",
)
LOST_EVENT = fact(
    "push.lost-event",
    "app",
    "An event may be lost for good: its number never comes.",
    "push.md: a gap is waited for 5 s",
)
