from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.waiting import PATIENCE_S, eventually
from workers.audio.system import os_audio, sound_system
from workers.audio.system.sound_system import Snapshot, SoundSystem, ask_system


@pytest.fixture
def systems(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[SoundSystem]]:
    monkeypatch.setattr(sound_system, "ASK_S", 0.001)
    made: list[SoundSystem] = []
    yield made
    for system in made:
        system.stop()


def test_the_last_answer_is_there_to_read_and_is_renewed(systems: list[SoundSystem]) -> None:
    answers: list[tuple[str, ...]] = [("a",)]
    system = SoundSystem(lambda _watched: Snapshot(time.monotonic_ns(), answers[-1]))
    systems.append(system)
    assert system.snapshot.asked_ns == 0
    system.start()
    eventually(lambda: system.snapshot.fingerprint == ("a",), "it is seen", every_s=0.002)
    answers.append(("b",))
    eventually(lambda: system.snapshot.fingerprint == ("b",), "it is seen", every_s=0.002)
    assert system.age_s < PATIENCE_S


def test_a_question_that_hangs_leaves_the_last_answer_which_ages(systems: list[SoundSystem]) -> None:
    hangs, free = threading.Event(), threading.Event()

    def ask(_watched: int) -> Snapshot:
        if hangs.is_set():
            free.wait(PATIENCE_S)
        return Snapshot(time.monotonic_ns(), ("a",))

    system = SoundSystem(ask)
    systems.append(system)
    system.start()
    eventually(lambda: system.snapshot.asked_ns, "it is seen", every_s=0.002)
    hangs.set()
    eventually(lambda: system.age_s > 0.2, "it is seen", every_s=0.002)
    assert system.snapshot.fingerprint == ("a",)
    hangs.clear()
    free.set()
    eventually(lambda: system.age_s < 0.1, "it is seen", every_s=0.002)


def test_a_system_that_never_answers_has_an_age_too(systems: list[SoundSystem]) -> None:
    never = threading.Event()

    def ask(_watched: int) -> Snapshot:
        never.wait(PATIENCE_S)
        return Snapshot(1)

    systems.append(SoundSystem(ask))
    systems[0].start()
    eventually(lambda: 0.05 < systems[0].age_s < PATIENCE_S, "it is seen", every_s=0.002)
    never.set()


def test_a_fault_is_kept_for_the_worker(systems: list[SoundSystem]) -> None:
    def ask(_watched: int) -> Snapshot:
        raise ZeroDivisionError

    systems.append(SoundSystem(ask))
    systems[0].start()
    eventually(lambda: isinstance(systems[0].fault, ZeroDivisionError), "it is seen", every_s=0.002)


def test_a_device_is_lost_only_by_an_answer_that_was_asked_for_after_it_was_opened(
    systems: list[SoundSystem],
) -> None:
    system = SoundSystem(lambda watched: Snapshot(1000, lost=watched))
    systems.append(system)
    system.watch(81)
    system.start()
    eventually(lambda: system.snapshot.lost, "it is seen", every_s=0.002)
    assert system.has_lost(81, 999)
    assert not system.has_lost(81, 1000)
    assert not system.has_lost(74, 999)
    system.watch(0)
    eventually(lambda: not system.snapshot.lost, "it is seen", every_s=0.002)
    assert not system.has_lost(0, 0)


def test_on_linux_a_sound_server_that_comes_or_goes_changes_the_signs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(os_audio, "IS_MAC", False)
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path / 'native'}")
    before = ask_system(0)
    (tmp_path / "native").touch()
    there = ask_system(0)
    (tmp_path / "native").unlink()
    assert before.fingerprint != there.fingerprint
    assert ask_system(0).fingerprint == before.fingerprint
    assert (there.default, there.lost) == ("", 0)
    assert before.asked_ns
