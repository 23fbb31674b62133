from __future__ import annotations

from workers.audio.play.device_need import REST_AFTER_S, TRIED_S, DeviceNeed


def test_the_device_is_open_until_session_has_told() -> None:
    need = DeviceNeed(100.0)
    assert need.is_needed(100.0 + 10 * TRIED_S)


def test_without_a_party_it_is_tried_at_the_start_and_when_it_is_chosen() -> None:
    need = DeviceNeed(100.0)
    need.on_party(is_on=False, now=101.0)
    assert need.is_needed(100.0 + TRIED_S - 0.1)
    assert not need.is_needed(100.0 + TRIED_S)
    need.try_out(500.0)
    assert need.is_needed(500.0 + TRIED_S - 0.1)
    assert not need.is_needed(500.0 + TRIED_S)


def test_it_is_open_from_the_beginning_of_a_party_until_a_while_after_it() -> None:
    need = DeviceNeed(0.0)
    need.on_party(is_on=False, now=0.0)
    assert not need.is_needed(1000.0)
    need.on_party(is_on=True, now=1000.0)
    assert need.is_needed(1000.0)
    assert need.is_needed(90_000.0)
    need.on_party(is_on=False, now=90_000.0)
    assert need.is_needed(90_000.0 + REST_AFTER_S - 0.1)
    need.on_party(is_on=False, now=90_030.0)  # told again
    assert not need.is_needed(90_000.0 + REST_AFTER_S)


def test_a_party_before_the_rest_was_over_needs_it_as_before() -> None:
    need = DeviceNeed(0.0)
    need.on_party(is_on=True, now=0.0)
    need.on_party(is_on=False, now=100.0)
    need.on_party(is_on=True, now=110.0)
    assert need.is_needed(110.0 + 10 * REST_AFTER_S)


def test_a_voice_opens_it_although_session_knows_of_no_party() -> None:
    need = DeviceNeed(0.0)
    need.on_party(is_on=False, now=0.0)
    need.on_voice(1000.0)
    assert need.is_needed(1000.0 + REST_AFTER_S - 0.1)
    assert not need.is_needed(1000.0 + REST_AFTER_S)


def test_a_shorter_need_takes_nothing_from_a_longer_one() -> None:
    need = DeviceNeed(0.0)
    need.on_party(is_on=True, now=0.0)
    need.on_party(is_on=False, now=100.0)
    need.try_out(100.0)
    assert need.is_needed(100.0 + REST_AFTER_S - 0.1)
