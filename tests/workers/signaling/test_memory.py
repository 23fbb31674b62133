"""What signaling knows after a kill -9: its last link, and how far it has counted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from common.basic.clock import Moment
from workers.signaling.loss import Loss
from workers.signaling.memory import ALIVE_S, RESERVED, SignalingMemoryFile


def at(boot_s: float, unix: float, boot: str = "b") -> Moment:
    return Moment(boot=boot, boot_s=boot_s, unix=unix)


def test_a_loss_survives_a_restart(home: Path) -> None:
    first = SignalingMemoryFile(home / "m.json", "here")
    assert first.loss(at(100.0, 1e9)) is None
    first.record_open("3.0", "1", 30.0, at(100.0, 1e9))
    first.record_loss(Loss(110.0, 30.0), at(110.0, 1e9 + 10))
    again = SignalingMemoryFile(home / "m.json", "here")
    assert again.loss(at(125.0, 1e9 + 25)) == Loss(110.0, 30.0)
    assert again.loss(at(125.0, 1e9 - 1e6)) == Loss(110.0, 30.0)  # the wall clock was set: nobody asks it
    assert (again.protocol, again.account_id) == ("3.0", "1")


def test_a_link_that_was_open_at_a_kill_was_lost_when_it_was_last_seen_or_a_little_later(home: Path) -> None:
    killed = SignalingMemoryFile(home / "m.json", "here")
    killed.record_open("3.0", "1", 120.0, at(100.0, 1e9))
    killed.record_alive(30.0, at(100.5, 1e9))  # voice chat
    killed.record_alive(30.0, at(105.0, 1e9))  # too soon to be worth a write
    killed.record_alive(30.0, at(200.0, 1e9 + 100))
    again = SignalingMemoryFile(home / "m.json", "here")
    assert again.loss(at(203.0, 1e9 + 103)) == Loss(203.0, 30.0)
    assert again.loss(at(300.0, 1e9 + 200)) == Loss(200.0 + ALIVE_S, 30.0)


def test_after_a_reboot_the_wall_clock_tells(home: Path) -> None:
    first = SignalingMemoryFile(home / "m.json", "here")
    first.record_open("3.0", "1", 30.0, at(5000.0, 1e9))
    first.record_loss(Loss(5000.0, 30.0), at(5000.0, 1e9))
    found = SignalingMemoryFile(home / "m.json", "here").loss(at(20.0, 1e9 + 60, "another boot"))
    assert found is not None
    assert not found.within_presence(20.0)


def test_numbers_never_repeat(home: Path) -> None:
    first = SignalingMemoryFile(home / "m.json", "here")
    numbers = [first.next_number() for _ in range(RESERVED + 2)]
    again = SignalingMemoryFile(home / "m.json", "here")
    numbers += [again.next_number() for _ in range(3)]
    assert numbers == sorted(set(numbers))


def test_another_realms_link_is_forgotten_but_numbers_grow_on(home: Path) -> None:
    first = SignalingMemoryFile(home / "m.json", "here")
    first.record_open("3.0", "1", 30.0, at(100.0, 1e9))
    last = first.next_number()
    there = SignalingMemoryFile(home / "m.json", "there")
    assert there.loss(at(101.0, 1e9)) is None
    assert there.next_number() > last


def test_what_an_older_version_left_is_read(home: Path) -> None:
    old = {"place": "here", "account_id": "1", "fqdn": "a", "protocol": "3.0", "interval_s": 60.0, "next_number": 513}
    (home / "m.json").write_text(json.dumps(old))
    memory = SignalingMemoryFile(home / "m.json", "here")
    assert memory.next_number() == 513
    found = memory.loss(at(1000.0, 1e9))
    assert found is not None
    assert not found.within_presence(1000.0)


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"\xff"])
def test_an_invalid_file_is_replaced(home: Path, raw: bytes) -> None:
    (home / "m.json").write_bytes(raw)
    assert SignalingMemoryFile(home / "m.json", "here").loss(at(1.0, 1e9)) is None
