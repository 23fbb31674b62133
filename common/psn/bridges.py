"""rtcBridge's REST shapes: a server-side peer that some parties have. No I/O.

Facts: notes/voice.md. How a party view and the event ``bridges:created`` name the bridge is [open];
they are read like the body that links one to a party [seen].
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import msgspec

from common.psn.errors import BadAnswerError
from common.psn.sessions import party_path
from common.psn.shapes import as_dict, as_list, as_text

BASE = "/api/rtcBridge/v1/bridges"
IGNORE_CONFLICT = {"X-PSN-SESSION-MANAGER-IGNORE-CONFLICT": "true"}
"""Goes with the call that links a bridge to a party [seen]."""
CREATED = "bridges:created"
DELETED = "bridges:deleted"
"""Event names [one: Tustin], as `common.psn.push.event_name` gives them."""


class BridgeRef(msgspec.Struct, frozen=True, kw_only=True):
    """A bridge, and the word that lets one in."""

    bridge_id: str
    token: str = ""


def headers(title_id: str, token: str = "") -> dict[str, str]:
    """Return what every call to rtcBridge carries; the token where one is known [seen]."""
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


def link_body(bridge: BridgeRef) -> dict[str, Any]:
    return {"bridges": [{"bridgeId": bridge.bridge_id, "bridgeToken": bridge.token}]}


def media_body() -> dict[str, Any]:
    """Return what the app asks of a bridge [seen]: Opus' CELT, mono, 16 kHz, 40 ms; data beside it."""
    opus = {"bitrate": 40, "channels": 1, "codec": "CELT", "ptime": 40, "samplingRates": [16000]}
    return {"mediaTypes": {"application": {"isRequired": True}, "audio": {"isRequired": True, "opus": [opus]}}}


def answer_body(sdp: str) -> dict[str, Any]:
    return {"answer": {"sdp": sdp}}


# --- answers ----------------------------------------------------------------------------------------


def _ref(data: Any) -> BridgeRef | None:
    entry = as_dict(data)
    bridge_id = as_text(entry.get("bridgeId"))
    return BridgeRef(bridge_id=bridge_id, token=as_text(entry.get("bridgeToken"))) if bridge_id else None


def read_created(data: Any) -> BridgeRef:
    """Return the bridge that was made; raises `BadAnswerError`."""
    found = _ref(as_dict(data).get("bridge"))
    if found is None:
        raise BadAnswerError("The answer to a new bridge names none.")
    return found


def read_peer(data: Any) -> tuple[str, str]:
    """Return (peer id, the bridge's offer); raises `BadAnswerError`."""
    peer = as_dict(as_dict(data).get("peer"))
    peer_id, sdp = as_text(peer.get("peerId")), as_text(as_dict(peer.get("offer")).get("sdp"))
    if not peer_id or not sdp:
        raise BadAnswerError("The bridge's answer has no peer or no offer.")
    return peer_id, sdp


def read_offer(data: Any) -> str:
    """Return the bridge's new offer; raises `BadAnswerError`."""
    sdp = as_text(as_dict(as_dict(data).get("offer")).get("sdp"))
    if not sdp:
        raise BadAnswerError("The bridge's answer has no offer.")
    return sdp


def read_bridges(data: Any) -> list[BridgeRef]:
    """Return the bridges that an event's data or a party's view names."""
    return [ref for entry in as_list(as_dict(data).get("bridges")) if (ref := _ref(entry)) is not None]


def read_view(data: Any, session_id: str) -> BridgeRef | None:
    """Return the bridge of a party in the answer to GET partySessions; None when it has none."""
    for entry in as_list(as_dict(data).get("partySessions")):
        if as_text(as_dict(entry).get("sessionId")).lower() == session_id.lower():
            return next(iter(read_bridges(entry)), None)
    return None
