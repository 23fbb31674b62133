"""A phone's address works once, for five minutes, for three tries, and not for strangers."""

from __future__ import annotations

import pytest

from cli.account.phone.one_time import LASTS_S, MOST_FORGED, MOST_TRIES, OneTimeAddress, PageClosedError, is_private


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limits(clock: Clock) -> OneTimeAddress:
    return OneTimeAddress(clock)


def test_it_is_good_for_five_minutes(clock: Clock, limits: OneTimeAddress) -> None:
    clock.now += LASTS_S - 1
    limits.check()
    assert limits.left_s == 1
    clock.now += 1
    with pytest.raises(PageClosedError, match="good for 5 min, which are over"):
        limits.check()
    clock.now += 5
    assert limits.left_s == 0


def test_it_works_once(limits: OneTimeAddress) -> None:
    limits.begin(b"1")
    assert limits.busy
    limits.ended(signed_in=True)
    assert not limits.busy
    with pytest.raises(PageClosedError, match="works once"):
        limits.begin(b"2")


def test_three_values_may_be_refused(limits: OneTimeAddress) -> None:
    for number in range(MOST_TRIES):
        limits.begin(bytes([number]))
        limits.ended(signed_in=False)
    with pytest.raises(PageClosedError, match="3 values were refused"):
        limits.check()


def test_a_message_that_is_sent_again_uses_up_no_try(limits: OneTimeAddress) -> None:
    limits.begin(b"1")
    limits.ended(signed_in=False)
    with pytest.raises(PageClosedError, match="sent before"):
        limits.begin(b"1")
    assert (limits.tries_left, limits.forged, limits.busy) == (MOST_TRIES - 1, 1, False)


def test_two_at_once_are_not_taken(limits: OneTimeAddress) -> None:
    limits.begin(b"1")
    with pytest.raises(PageClosedError, match="under way"):
        limits.begin(b"2")
    assert limits.tries_left == MOST_TRIES


def test_many_forged_messages_close_it_and_say_why(limits: OneTimeAddress) -> None:
    limits.forged = MOST_FORGED - 1
    limits.check()
    limits.forged = MOST_FORGED
    with pytest.raises(PageClosedError, match="did not make"):
        limits.check()


def test_the_limits_are_those_that_the_notes_name() -> None:
    assert (LASTS_S, MOST_TRIES, MOST_FORGED) == (300.0, 3, 20)


def test_no_two_addresses_are_alike(clock: Clock) -> None:
    assert len({OneTimeAddress(clock).path for _ in range(50)}) == 50
    assert len(OneTimeAddress(clock).path) == 12


@pytest.mark.parametrize(("address", "private"), [
    ("192.168.1.5", True), ("10.0.0.1", True), ("172.16.0.1", True), ("172.31.255.255", True), ("169.254.1.1", True),
    ("127.0.0.1", True), ("172.32.0.1", False), ("192.0.2.1", False), ("100.64.0.1", False), ("8.8.8.8", False),
    ("::1", False), ("", False), ("spare.local", False), ("198.18.0.1", False), ("fe80::1%eth0", False),
])  # fmt: skip
def test_private_addresses(address: str, private: bool) -> None:
    assert is_private(address) is private
