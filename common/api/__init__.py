"""The API for other programs: who may ask for what, the keys, and the contract as a schema. No sockets.

`workers/dashboard/api/` serves it under `PATH`. `partyline api` prints its schema and manages its keys.
"""

VERSION = "1.3.0"
"""Version of the contract: MAJOR.MINOR.PATCH. Each change needs another one, and a line in CHANGELOG.md (a test)."""
PATH = "/api/v1"
WHEP = f"{PATH}/whep"
"""Sound by WebRTC, by the WebRTC-HTTP Egress Protocol (draft-ietf-wish-whep)."""
SUBPROTOCOL = "partyline.v1"
"""WebSocket protocol of the events. A browser, which cannot set headers there, sends the key beside it: `key.<key>`."""
