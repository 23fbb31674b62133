"""Whom the dashboard listens to."""

from __future__ import annotations

import pytest

from workers.dashboard.serve.host_check import HostCheck

HERE = HostCheck(8770)
LAN = HostCheck(8770, ("Avas-MacBook", "Avas-Mac.fritz.box"))


@pytest.mark.parametrize("host", ["127.0.0.1:8770", "localhost:8770", "LOCALHOST:8770", "[::1]:8770"])
def test_the_names_of_loopback_are_ours(host: str) -> None:
    assert HERE.is_own_host(host, "127.0.0.1")


@pytest.mark.parametrize(
    "host",
    [
        "",
        "127.0.0.1",
        "127.0.0.1:8771",
        "evil.example:8770",
        "127.0.0.1.evil.example:8770",
        "localhost.:8770",
        "127.0.0.1:8770:8770",
        "[::1:8770",
        "user@127.0.0.1:8770",
        "0.0.0.0:8770",
        "192.168.1.5:8770",
        "127.0.0.1:٨٧٧٠",
        "127.0.0.1:" + "8" * 5000,
        "127.0.0.1:0000000008770",
    ],
)
def test_no_other_name_is_on_loopback(host: str) -> None:
    assert not HERE.is_own_host(host, "127.0.0.1")


@pytest.mark.parametrize(
    "host",
    ["192.168.1.5:8770", "avas-mac:8770", "Avas-Mac.local:8770", "avas-mac.fritz.box:8770", "avas-macbook.local:8770"],
)
def test_other_devices_may_use_the_address_they_came_to_or_the_machines_name(host: str) -> None:
    assert LAN.is_own_host(host, "192.168.1.5")


@pytest.mark.parametrize("host", ["192.168.1.6:8770", "localhost:8770", "evil.example:8770", ".local:8770", ":8770"])
def test_and_nothing_else(host: str) -> None:
    assert not LAN.is_own_host(host, "192.168.1.5")
    assert not HERE.is_own_host(":8770", "192.168.1.5")


def test_only_this_very_address_is_our_origin() -> None:
    host = "127.0.0.1:8770"
    assert HostCheck.is_own_origin("http://127.0.0.1:8770", host, "http")
    for other in (
        "",
        "null",
        "http://127.0.0.1:8771",
        "https://127.0.0.1:8770",
        "http://localhost:8770",
        "http://evil",
    ):
        assert not HostCheck.is_own_origin(other, host, "http")


def test_an_encrypted_page_has_another_origin() -> None:
    host = "avas-macbook.local:8770"
    assert HostCheck.is_own_origin(f"https://{host}", host, "https")
    assert not HostCheck.is_own_origin(f"http://{host}", host, "https")


@pytest.mark.parametrize(("host", "own"), [
    ("127.0.0.1:8780", True), ("localhost:1234", True), ("evil.example:8780", False), ("192.168.1.5:8780", False),
])  # fmt: skip
def test_a_paired_machine_has_the_pages_on_its_own_loopback(host: str, own: bool) -> None:
    assert HERE.is_own_host(host, "") is own
