from __future__ import annotations

from common.psn.party import bridges
from common.psn.party.bridges import BridgeRef
from workers.signaling.transports.bridge.known_bridges import KnownBridges


def ref(name: str, etag: str = "") -> BridgeRef:
    return BridgeRef(bridge_id=name, token="t", etag=etag)


def test_the_newest_one_that_is_not_left_out_is_found() -> None:
    known = KnownBridges()
    assert known.newest(()) is None
    for name in ("a", "b", "a"):
        known.add(ref(name))
    assert known.newest(()) == ref("a")
    assert known.newest({"a"}) == ref("b")
    assert known.newest({"a", "b"}) is None
    known.remove("a")
    known.remove("never there")
    assert known.newest(()) == ref("b")


def test_one_that_is_named_again_has_its_later_etag() -> None:
    known = KnownBridges()
    known.add(ref("a"))
    known.add(ref("a", "e"))
    assert known.get("a") == ref("a", "e")
    assert known.get("b") is None


def test_of_many_the_oldest_are_discarded() -> None:
    known = KnownBridges()
    for number in range(100):
        known.add(ref(str(number)))
    assert len(known) == bridges.MOST
    assert known.get("99")
    assert known.get("0") is None
    known.clear()
    assert len(known) == 0
