"""Which members the bridge's mix carries."""

from __future__ import annotations

from workers.media.bridge.mix_detection import ENOUGH_LOUD, ENOUGH_QUIET, GAP_NS, LAG_NS, MIN_STRETCH_TICKS, MixDetector

TICK_NS = 10_000_000
ANN = "1.PS5"


class Clock:
    def __init__(self) -> None:
        self.now_ns = 1_000 * TICK_NS

    def speak(self, detector: MixDetector, *, mix: bool, ticks: int = MIN_STRETCH_TICKS) -> bool:
        """Let a member speak for `ticks`, then pause. Return whether the mix may carry it."""
        carried = True
        for tick in range(ticks + LAG_NS // TICK_NS + 1):
            if tick < ticks:
                carried = detector.record_own(ANN, self.now_ns)
            detector.record_mix(self.now_ns, sounding=mix and tick < ticks)
            self.now_ns += TICK_NS
        return carried


def started(clock: Clock) -> MixDetector:
    """Return one that knows the present mix."""
    detector = MixDetector()
    detector.record_mix(clock.now_ns - TICK_NS, sounding=False)
    return detector


def test_a_member_counts_as_carried_until_the_mix_was_silent_often_enough() -> None:
    clock = Clock()
    detector = started(clock)
    results = [clock.speak(detector, mix=False) for _ in range(ENOUGH_QUIET + 1)]
    assert results == [True] * ENOUGH_QUIET + [False]


def test_it_counts_again_once_the_mix_sounded_often_enough() -> None:
    clock = Clock()
    detector = started(clock)
    for _ in range(ENOUGH_QUIET):
        clock.speak(detector, mix=False)
    results = [clock.speak(detector, mix=True) for _ in range(ENOUGH_LOUD + 1)]
    assert results == [False] * ENOUGH_LOUD + [True]


def test_a_short_stretch_shows_nothing() -> None:
    clock = Clock()
    detector = started(clock)
    assert all(clock.speak(detector, mix=False, ticks=MIN_STRETCH_TICKS - 1) for _ in range(10))


def test_after_a_gap_the_mix_is_another_one_and_who_left_is_forgotten() -> None:
    for forget in (True, False):
        clock = Clock()
        detector = started(clock)
        for _ in range(ENOUGH_QUIET):
            clock.speak(detector, mix=False)
        assert not detector.record_own(ANN, clock.now_ns)
        if forget:
            detector.retain(set())
        else:
            clock.now_ns += GAP_NS
            detector.record_mix(clock.now_ns, sounding=False)
        assert detector.record_own(ANN, clock.now_ns)
