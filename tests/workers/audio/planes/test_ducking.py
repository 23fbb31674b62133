from __future__ import annotations

from workers.audio.planes.ducking import BEGIN_POLLS, HOLD_POLLS, Ducker


def looked(ducker: Ducker, peak_db: float, looks: int) -> list[bool]:
    return [ducker.poll(peak_db) and ducker.active for _ in range(looks)]


def test_the_party_speaks_after_two_tenths_and_is_quiet_after_a_while() -> None:
    ducker = Ducker(-45)
    ducker.poll(-20)
    ducker.poll(-120)
    assert not ducker.active  # a cough
    assert sum(looked(ducker, -30, BEGIN_POLLS)) == 1
    for _ in range(5):  # pauses between words
        looked(ducker, -120, HOLD_POLLS - 2)
        looked(ducker, -48, 1)  # hysteresis
    assert ducker.active
    assert [ducker.poll(-120) for _ in range(HOLD_POLLS)].count(True) == 1
    assert not ducker.active
