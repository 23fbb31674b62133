"""REST shapes of rtcBridge, Sony's relay between members who do not reach each other. No I/O.

Facts: notes/voice.md. A bridge's token grants access, so it is a secret. `without_tokens` keeps it off the bus.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from common.log.secret import Guarded, Secret
from common.psn.errors import BadAnswerError
from common.psn.party.sessions import BASE as PARTIES
from common.psn.party.sessions import party_path
from common.psn.sdp.text import BadSdp, audio_of, parse
from common.psn.shapes import as_dict, as_list, as_text

BASE = "/api/rtcBridge/v1/bridges"
IGNORE_CONFLICT = {"X-PSN-SESSION-MANAGER-IGNORE-CONFLICT": "true"}
"""Header of the call that links a bridge to a party [seen]."""
VIEW_PATH = f"{PARTIES}/partySessions?view=v2"
"""The view that shows a party's bridges [app]. A header names the party, as for view=v3."""
CREATED = "bridges:created"
DELETED = "bridges:deleted"
"""Event names [app], as `common.psn.party.push.event_name` gives them."""
MOST = 16
"""Limit of bridges read from one event or view, because members can link any number."""
LONGEST = 256
"""Longest accepted id, token or etag in characters. Known ones have 32 to 40."""
_TOKEN = "bridgeToken"  # noqa: S105  # a field's name
_DEEPEST = 12


class BridgeRef(Guarded, frozen=True, kw_only=True):
    """A bridge with its access token and the etag that unlinks it."""

    bridge_id: str
    token: Secret = ""
    etag: str = ""

    def __repr__(self) -> str:
        return f"BridgeRef({self.bridge_id!r})"


def headers(title_id: str, token: str = "") -> dict[str, str]:
    """Return the headers of every call to rtcBridge, with the token if it is known [seen]."""
    found = {"X-PSN-RTC-TITLE-ID": title_id}
    return found | {"X-PSN-BRIDGE-TOKEN": token} if token else found


# --- paths and bodies -------------------------------------------------------------------------------


def bridge_path(bridge_id: str) -> str:
    return f"{BASE}/{quote(bridge_id, safe='')}"


def peers_path(bridge_id: str) -> str:
    return f"{bridge_path(bridge_id)}/peers?allow_duid_duplication=false&g=2"


def peer_path(bridge_id: str, peer_id: str, below: str = "") -> str:
    return f"{bridge_path(bridge_id)}/peers/{quote(peer_id, safe='')}{below}"


def link_path(session_id: str) -> str:
    return party_path(session_id, "/bridges")


def unlink_path(session_id: str, bridge_id: str) -> str:
    return party_path(session_id, f"/bridges/{quote(bridge_id, safe='')}")


def if_match(etag: str) -> dict[str, str]:
    """Return the header for unlinking a bridge, its etag in double quotes [app]."""
    return {"If-Match": f'"{etag}"'}


def listed_path(bridge_id: str) -> str:
    return f"{bridge_path(bridge_id)}?fields=peer.peerId"


def link_body(bridge: BridgeRef) -> dict[str, Any]:
    return {"bridges": [{"bridgeId": bridge.bridge_id, "bridgeToken": bridge.token}]}


def media_body() -> dict[str, Any]:
    """Return the app's media request to a bridge [seen]: Opus CELT, mono, 16 kHz, 40 ms, and a data channel."""
    opus = {"bitrate": 40, "channels": 1, "codec": "CELT", "ptime": 40, "samplingRates": [16000]}
    return {"mediaTypes": {"application": {"isRequired": True}, "audio": {"isRequired": True, "opus": [opus]}}}


def answer_body(sdp: str) -> dict[str, Any]:
    return {"answer": {"sdp": sdp}}


# --- answers ----------------------------------------------------------------------------------------


def _ref(data: Any) -> BridgeRef | None:
    entry = as_dict(data)
    bridge_id, token, etag = (as_text(entry.get(name)) for name in ("bridgeId", _TOKEN, "bridgeEtag"))
    if not bridge_id or max(map(len, (bridge_id, token, etag))) > LONGEST:
        return None
    return BridgeRef(bridge_id=bridge_id, token=token, etag=etag.strip('"'))


def read_created(data: Any) -> BridgeRef:
    """Return the created bridge. Raises `BadAnswerError`."""
    found = _ref(as_dict(data).get("bridge"))
    if found is None:
        raise BadAnswerError("The answer to a new bridge names none.")
    return found


def read_peer(data: Any) -> tuple[str, str]:
    """Return (peer id, the bridge's offer). Raises `BadAnswerError`."""
    peer = as_dict(as_dict(data).get("peer"))
    peer_id, sdp = as_text(peer.get("peerId")), as_text(as_dict(peer.get("offer")).get("sdp"))
    if not peer_id or not sdp:
        raise BadAnswerError("The bridge's answer has no peer or no offer.")
    return peer_id, sdp


def read_offer(data: Any) -> str:
    """Return the bridge's new offer. Raises `BadAnswerError`."""
    sdp = as_text(as_dict(as_dict(data).get("offer")).get("sdp"))
    if not sdp:
        raise BadAnswerError("The bridge's answer has no offer.")
    return sdp


def read_bridges(data: Any) -> list[BridgeRef]:
    """Return the bridges in an event's data or a party's view, at most `MOST`."""
    return [ref for entry in as_list(as_dict(data).get("bridges"))[:MOST] if (ref := _ref(entry)) is not None]


def read_view(data: Any, session_id: str) -> list[BridgeRef]:
    """Return the bridges of a party in the answer to GET partySessions, under the name of v2 or of v1."""
    answer = as_dict(data)
    for entry in [*as_list(answer.get("v2PartySessions")), *as_list(answer.get("partySessions"))]:
        if as_text(as_dict(entry).get("sessionId")).lower() == session_id.lower():
            return read_bridges(entry)
    return []


def read_peers(data: Any) -> list[str]:
    """Return the peer ids on a bridge, in the answer to GET bridges."""
    peers = as_list(as_dict(as_dict(data).get("bridge")).get("peers"))
    return [peer_id for entry in peers if (peer_id := as_text(as_dict(entry).get("peerId")))]


def direction_of(offer: str) -> str:
    """Return the direction of a bridge's offer, from its side (``recvonly``: it only listens), or "" if unreadable."""
    try:
        return audio_of(parse(offer)).direction
    except BadSdp:
        return ""


def without_tokens(data: Any, depth: int = 0) -> Any:
    """Return event data without bridge tokens at any depth. Data nested too deep is dropped."""
    if depth > _DEEPEST:
        return None
    if isinstance(data, dict):
        return {key: without_tokens(value, depth + 1) for key, value in data.items() if key != _TOKEN}
    if isinstance(data, list):
        return [without_tokens(value, depth + 1) for value in data]
    return data
