"""The machines that this one knows: kept, found by name, and never half read."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from common.bus.peers import keyring
from common.bus.peers.curve import CurveKeys, is_key
from common.bus.peers.far_site import split
from common.bus.peers.keyring import MOST_PEERS, Keyring, PairedMachine
from common.bus.peers.peer_rights import may_ask, may_read, readable
from common.errors import BusError, PartylineError
from common.files.lock import locked
from common.files.paths import Paths
from common.requests import REQUESTS


def machine(name: str = "desk.local", **more: object) -> PairedMachine:
    return PairedMachine(**{"name": name, "public": CurveKeys.new().public, "met_at": 1.0, **more})  # type: ignore[arg-type]


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    found = Paths(tmp_path)
    found.make()
    return found


def test_this_machines_keys_are_made_once_and_hidden(paths: Paths) -> None:
    assert keyring.load(paths) is None
    first = keyring.loaded_or_new(paths)
    assert keyring.loaded_or_new(paths) == first
    assert first.own.private not in repr(first)
    assert keyring.keyring_file(paths).stat().st_mode & 0o777 == 0o600


def test_a_machine_is_found_by_its_name_as_people_type_it(paths: Paths) -> None:
    desk = machine()
    keyring.save(paths, keyring.loaded_or_new(paths).adding(desk))
    found = keyring.load(paths)
    assert found is not None
    for name in ("desk.local", "desk", "Desk", "DESK.LOCAL"):
        assert found.named(name) == desk
    with pytest.raises(PartylineError, match="'sofa'") as refused:
        found.named("sofa")
    assert "desk.local" in refused.value.remedy
    assert found.with_key(desk.public) == desk
    assert found.without(desk).peers == ()
    with pytest.raises(PartylineError) as refused:
        found.without(desk).named("desk")
    assert "partyline pair" in refused.value.remedy


def test_two_machines_of_one_name_are_told_apart_and_one_that_comes_again_is_replaced() -> None:
    ring = Keyring(own=CurveKeys.new()).adding(machine()).adding(machine())
    assert [peer.name for peer in ring.peers] == ["desk.local", "desk.local-2"]
    again = msgspec.structs.replace(ring.peers[0], right="listen")
    assert [peer.right for peer in ring.adding(again).peers if peer.public == again.public] == ["listen"]
    assert len(ring.adding(again).peers) == 2


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"format":9}', b'{"own":{"public":"x","private":"y"}}'])
def test_a_file_that_cannot_be_used_lets_nobody_in_and_says_so(paths: Paths, content: bytes) -> None:
    keyring.keyring_file(paths).write_bytes(content)
    with pytest.raises(PartylineError) as refused:
        keyring.load(paths)
    assert str(keyring.keyring_file(paths)) in refused.value.remedy


def test_a_disk_that_refuses_and_too_many_machines_are_said(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    ring = Keyring(own=CurveKeys.new(), peers=tuple(machine(str(number)) for number in range(MOST_PEERS + 1)))
    with pytest.raises(PartylineError, match=str(MOST_PEERS)):
        keyring.save(paths, ring)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(keyring, "write_atomically", full)
    with pytest.raises(PartylineError, match="No space left"):
        keyring.save(paths, Keyring(own=CurveKeys.new()))


@pytest.mark.parametrize(("address", "place"), [
    ("studio-mini.local:8772", ("studio-mini.local", 8772)), ("192.168.1.9:1", ("192.168.1.9", 1)),
    ("[fe80::1]:8772", ("[fe80::1]", 8772)),
])  # fmt: skip
def test_addresses(address: str, place: tuple[str, int]) -> None:
    assert split(address) == place


@pytest.mark.parametrize("address", ["", "host", ":8772", "host:", "host:x", "host:0", "host:65535", "host:99999"])
def test_what_is_no_address(address: str) -> None:
    with pytest.raises(BusError):
        split(address)


def test_rights_are_by_request_and_worker() -> None:
    assert may_ask("control", "audio", "SetMute")
    assert may_ask("control", "session", "LeaveParty")
    for right, worker, request in (
        ("listen", "audio", "SetMute"), ("control", "session", "SetMute"), ("control", "auth", "AccessToken"),
        ("control", "auth", "SignIn"), ("control", "media", "HoldOffers"), ("control", "audio", "Nothing"),
    ):  # fmt: skip
        assert not may_ask(right, worker, request), request  # type: ignore[arg-type]


def test_a_desk_may_ask_what_its_workers_need_and_neither_tokens_nor_a_sign_in() -> None:
    for worker, request in (("audio", "SetMute"), ("session", "FindPictures"), ("session", "JoinParty")):
        assert may_ask("worker", worker, request), request
    assert not may_ask("control", "session", "FindPictures")
    for worker, request in (
        ("auth", "AccessToken"), ("auth", "SignIn"), ("auth", "SignOut"), ("signaling", "EndSignals"),
        ("signaling", "SetVoiceChat"), ("media", "HoldOffers"), ("recorder", "RevealRecording"),
        ("audio", "FindPictures"),
    ):  # fmt: skip
        assert not may_ask("worker", worker, request), request
    assert "peer.signal/" not in readable("", "worker")
    assert "audio.tone/" in readable("", "worker")
    assert "audio.tone/" not in readable("")
    assert not may_read("peer.signal/in/2.PS5", "worker")


def test_signing_in_is_a_right_of_its_own_and_the_token_is_nobodys() -> None:
    for request in ("SignIn", "SignOut", "WhoAmI"):
        assert may_ask("control", "auth", request, may_sign_in=True)
        assert not may_ask("control", "auth", request)
        assert not may_ask("listen", "auth", request, may_sign_in=True)
        assert not may_ask("control", "session", request, may_sign_in=True)
    assert not may_ask("control", "auth", "AccessToken", may_sign_in=True)
    assert may_ask("control", "audio", "SetMute", may_sign_in=True)


def test_the_right_to_sign_in_adds_three_requests_and_no_other() -> None:
    def may(right: str, *, may_sign_in: bool) -> set[str]:
        return {
            cls.__name__
            for cls in REQUESTS
            if may_ask(right, cls.WORKER, cls.__name__, may_sign_in=may_sign_in)  # type: ignore[arg-type]
        }

    assert may("control", may_sign_in=True) - may("control", may_sign_in=False) == {"SignIn", "SignOut", "WhoAmI"}
    assert may("listen", may_sign_in=True) == may("listen", may_sign_in=False) == set()


def test_what_a_machine_may_do_can_be_changed_and_outlives_a_pairing_the_other_way() -> None:
    ring = Keyring(own=CurveKeys.new()).adding(machine(right="control")).adding(machine("sofa", right="control"))
    desk, sofa = ring.peers
    assert not desk.may_sign_in
    ring = ring.changing(desk, may_sign_in=True)
    assert [(peer.name, peer.may_sign_in) for peer in ring.peers] == [("desk.local", True), ("sofa", False)]
    ring = ring.adding(machine("desk.local", public=desk.public, address="desk.local:8772"))
    assert ring.named("desk").may_sign_in, "this machine became its guest, which takes no right away"
    ring = ring.adding(machine("desk.local", public=desk.public, right="control"))
    assert not ring.named("desk").may_sign_in, "paired anew without it"
    assert ring.named("sofa") == sofa


def test_a_subscription_to_everything_becomes_one_to_what_may_be_read() -> None:
    assert readable("party.state/") == ["party.state/"]
    assert readable("peer.") == ["peer.speaking/", "peer.state/"]
    assert readable("peer.signal/") == readable("peer.signal") == readable("nothing") == []
    assert "peer.signal/" not in readable("")
    assert may_read("peer.state/2.PS5")
    assert not may_read("peer.signal/")


def test_keys_have_forty_characters_of_their_alphabet() -> None:
    assert is_key(CurveKeys.new().public)
    assert not any(is_key(text) for text in ("", "x" * 39, '"' * 40, "\xfc" * 40))


def test_a_machine_may_be_host_and_guest_whichever_came_first() -> None:
    way, right = machine(address="desk.local:8772"), "control"
    guest = msgspec.structs.replace(way, address="", right=right)
    for first, then in ((way, guest), (guest, way)):
        (found,) = Keyring(own=CurveKeys.new()).adding(first).adding(then).peers
        assert (found.address, found.right) == ("desk.local:8772", right)


def test_a_change_is_made_to_what_is_there_now_and_waits_for_nobody_for_long(paths: Paths) -> None:
    first, second = machine("a"), machine("b")
    stale = keyring.change(paths, lambda ring: ring.adding(first))
    keyring.change(paths, lambda ring: ring.without(first))
    assert stale.peers == (first,)
    assert keyring.change(paths, lambda ring: ring.adding(second)).peers == (second,), "who was unpaired stays away"
    lock = keyring.keyring_file(paths).with_suffix(".lock")
    with locked(lock, tries=1, pause_s=0), pytest.raises(PartylineError, match="Another program"):
        keyring.change(paths, lambda ring: ring)
