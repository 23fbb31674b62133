from __future__ import annotations

from common.psn.party.bridges import BridgeRef
from workers.signaling.transports.bridge.attachment import PEER_READS_S, UP_WITHIN_S, Attachment

REF = BridgeRef(bridge_id="b", token="t", etag="e")


def test_what_is_due_on_a_bridge() -> None:
    attachment = Attachment(REF, "s", own=True, peer_id="p", added_at=100.0)
    assert attachment.due(101, settled=False, down_since=0) == ""
    assert attachment.due(101, settled=True, down_since=0) == "settled"
    assert attachment.due(100 + PEER_READS_S[0], settled=False, down_since=0) == "read peers"
    assert attachment.due(101 + UP_WITHIN_S, settled=False, down_since=1) == "unreached"
    attachment.own = False
    assert attachment.due(101, settled=True, down_since=0) == ""


def test_who_is_on_it_and_its_direction_say_whether_it_is_of_use() -> None:
    attachment = Attachment(REF, "s", peer_id="p", direction="recvonly")
    assert [attachment.on_peers(peers, 1.0) for peers in (["p"], ["p", "q"])] == ["", "renew"]
    attachment = Attachment(REF, "s", peer_id="p", direction="sendrecv")
    assert [attachment.on_peers(["p"], 1.0) for _ in PEER_READS_S] == [""] * (len(PEER_READS_S) - 1) + ["alone"]
    attachment = Attachment(REF, "s", peer_id="p", direction="sendonly")
    assert attachment.on_peers(["p", "q"], 7.0) == ""
    assert attachment.useful_s(9.0) == 2.0
