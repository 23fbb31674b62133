from __future__ import annotations

from common.psn.party.bridges import BridgeRef
from workers.signaling.transports.bridge.attachment import Attachment
from workers.signaling.transports.bridge.bridge_use import BridgeUse

REF = BridgeRef(bridge_id="b", token="t")


def attached(**more: object) -> tuple[BridgeUse, Attachment]:
    use, attachment = BridgeUse(), Attachment(REF, "s", **more)  # type: ignore[arg-type]
    use.attach(attachment)
    return use, attachment


def test_a_bridge_is_down_from_the_first_report_without_a_connection() -> None:
    use, _ = attached()
    assert use.down_since == 0.0
    use.on_added(5.0)
    use.on_connection("connecting", 0.0, 6.0)
    assert use.down_since == 5.0
    use.on_connection("connected", 0.0, 7.0)
    assert use.down_since == 0.0
    use.on_connection("lost", 0.0, 8.0)
    use.on_connection("failed", 0.0, 9.0)
    assert use.down_since == 8.0


def test_a_bridge_is_useful_since_it_was_heard() -> None:
    use, attachment = attached(peer_id="p")
    use.on_connection("connected", 0.0, 1.0)
    assert use.words == "of the party, being tried"
    use.on_connection("connected", 0.5, 2.0)
    use.on_connection("connected", 0.5, 3.0)
    assert attachment.useful_since == 2.0
    assert use.words == "of the party, in use"


def test_the_etag_is_kept_for_the_bridge_that_it_belongs_to() -> None:
    use, attachment = attached(own=True)
    assert use.words == "created by us, being tried"
    use.on_linked(BridgeRef(bridge_id="another", token="t", etag="x"))
    assert attachment.ref.etag == ""
    use.on_linked(BridgeRef(bridge_id="b", token="other", etag="e"))
    use.on_linked(BridgeRef(bridge_id="b", token="t"))
    assert (attachment.ref.etag, attachment.ref.token) == ("e", "t")


def test_only_the_present_attachment_can_be_detached() -> None:
    use, attachment = attached()
    use.on_added(1.0)
    use.detach(Attachment(REF, "s"))
    assert use.attached is attachment
    use.detach(attachment)
    assert (use.attached, use.down_since, use.words) == (None, 0.0, "")


def test_a_reset_forgets_what_brought_nothing() -> None:
    use, attachment = attached()
    use.useless.add("c")
    use.on_added(5.0)
    assert use.reset() is attachment
    assert use.reset() is None
    assert (use.useless, use.down_since) == (set(), 0.0)
