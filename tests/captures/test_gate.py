"""The capture's proxy serves one device, and leads to nothing of this machine."""

from __future__ import annotations

import socket

import pytest

from captures.mitmdump.gate import Gate, forbidden, plain


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "0.0.0.0", "::", "169.254.1.1", "fe80::1%en0", "fe80::1",
        "224.0.0.251", "ff02::fb", "no address",
    ],
)  # fmt: skip
def test_nothing_of_this_machine_is_connected_to(address: str) -> None:
    assert forbidden(["203.0.113.5", address])


def test_our_own_address_in_the_network_is_none_to_connect_to() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing
        except OSError:
            pytest.skip("no network here")
        assert forbidden([probe.getsockname()[0]])


def test_the_world_and_the_network_are_reached() -> None:
    assert not forbidden(["203.0.113.5", "2001:db8::5", "10.99.99.99"])


def test_the_first_device_that_wants_to_go_anywhere_is_the_only_one() -> None:
    gate = Gate()
    assert not gate.is_stranger("192.168.1.7")
    assert gate.serves("192.168.1.7")
    assert gate.serves("::ffff:192.168.1.7")
    assert gate.is_stranger("192.168.1.8")
    assert not gate.serves("192.168.1.8")


def test_a_phone_that_was_named_is_the_only_one_from_the_start() -> None:
    gate = Gate("192.168.1.7")
    assert gate.is_stranger("192.168.1.8")
    assert not gate.serves("192.168.1.8")
    assert gate.serves("192.168.1.7")
    assert plain("fe80::7%en0") == "fe80::7"
