"""Whose datagrams are taken."""

from __future__ import annotations

import pytest

from integrations.osc.wire.senders import AT_ONCE, MOST_HOSTS, PER_S, Senders


@pytest.mark.parametrize(("allow", "host", "taken"), [
    (["127.0.0.1"], "127.0.0.1", True), (["127.0.0.1"], "::ffff:127.0.0.1", True), (["127.0.0.1"], "127.0.0.2", False),
    (["192.168.1.0/24"], "192.168.1.77", True), (["192.168.1.7/24"], "192.168.1.77", True),
    (["192.168.1.0/24"], "192.168.2.77", False), (["::1"], "::1", True), (["fe80::/10"], "fe80::1%eth0", True),
    (["127.0.0.1"], "2002:7f00:1::1", False),  # an address of IPv6 that holds one of IPv4 is somebody else's
    ([], "127.0.0.1", False), (["127.0.0.1"], "nobody", False),
])  # fmt: skip
def test_only_the_addresses_of_the_list(allow: list[str], host: str, taken: bool) -> None:
    assert Senders(allow).judge(host, 0.0) == ("taken" if taken else "stranger")


def test_a_text_that_is_no_address_is_no_list() -> None:
    with pytest.raises(ValueError, match="ipad"):
        Senders(["ipad"])


def test_a_flood_is_thinned_and_others_are_heard_meanwhile() -> None:
    senders = Senders(["10.0.0.0/8"])
    verdicts = [senders.judge("10.0.0.1", 5.0) for _ in range(int(AT_ONCE) + 50)]
    assert verdicts.count("taken") == AT_ONCE
    assert verdicts[-1] == "flood"
    assert senders.judge("10.0.0.2", 5.0) == "taken"
    assert senders.judge("10.0.0.1", 5.0 + 2 / PER_S) == "taken"


def test_each_is_told_once_and_not_without_end() -> None:
    senders = Senders([])
    assert senders.is_first("10.0.0.1", "stranger")
    assert not senders.is_first("10.0.0.1", "stranger")
    assert senders.is_first("10.0.0.1", "malformed")
    told = sum(senders.is_first(f"10.1.{number // 256}.{number % 256}", "stranger") for number in range(2000))
    assert told == MOST_HOSTS - 2


def test_hosts_without_number_are_not_all_remembered() -> None:
    senders = Senders(["10.0.0.0/8"])
    for number in range(3000):
        assert senders.judge(f"10.1.{number // 256}.{number % 256}", 0.0) == "taken"
    assert len(senders._paces) <= MOST_HOSTS
    assert len(senders._allowed) <= MOST_HOSTS
