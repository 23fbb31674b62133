from __future__ import annotations

import pytest

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


def test_on_a_new_attachment_nothing_has_happened_yet_and_failed_tries_count_until_our_peer_is_added() -> None:
    attachment = Attachment(REF, "s")
    assert (attachment.own, attachment.linked, attachment.peer_id, attachment.sequence) == (False, False, "", 0)
    assert (attachment.add_tries, attachment.offered_at, attachment.added_at) == (0, 0.0, 0.0)
    attachment.on_add_failed()
    attachment.on_add_failed()
    assert attachment.add_tries == 2
    attachment.on_added("p", 7.0)
    assert (attachment.add_tries, attachment.peer_id, attachment.added_at) == (0, "p", 7.0)


def test_who_is_on_it_is_read_after_5_15_30_and_90_s() -> None:
    attachment, read_at = Attachment(REF, "s", peer_id="p", added_at=100.0), []
    for after_s in range(200):
        if attachment.due(100.0 + after_s, settled=False, down_since=0) == "read peers":
            attachment.on_peers(["p"], 100.0 + after_s)
            read_at.append(after_s)
    assert read_at == [5, 15, 30, 90]


@pytest.mark.parametrize(
    ("added_at", "down_since", "gives_up_at"), [(100.0, 100.0, 145.0), (100.0, 120.0, 165.0), (100.0, 50.0, 145.0)]
)
def test_a_bridge_without_a_connection_is_given_up_after_45_s(
    added_at: float, down_since: float, gives_up_at: float
) -> None:
    attachment = Attachment(REF, "s", peer_id="p", added_at=added_at, useful_since=1.0)
    assert attachment.due(gives_up_at, settled=False, down_since=down_since) == ""
    assert attachment.due(gives_up_at + 0.1, settled=False, down_since=down_since) == "unreached"


def test_a_bridge_is_useful_since_it_was_first_heard() -> None:
    attachment = Attachment(REF, "s")
    assert attachment.useful_s(5.0) == 0.0
    attachment.on_heard(3.0)
    attachment.on_heard(9.0)
    assert attachment.useful_s(10.0) == 7.0
