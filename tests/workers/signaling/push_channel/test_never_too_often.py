"""No pattern of failures opens more than one connection in 10 s on average over any minute, nor asks serveraddr so."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from benchmarks.party.push import PATTERNS, hour
from benchmarks.party.push_model import Model, Outcome, busiest_minute
from workers.signaling.push_channel.reconnect_policy import FailureKind

IN_A_MINUTE = 6
IN_AN_HOUR = 120

OUTCOMES = st.builds(
    Outcome,
    failure=st.sampled_from(list(FailureKind)),
    named=st.booleans(),
    ask_s=st.floats(0, 20) | st.just(0.0),
    connect_s=st.floats(0, 10) | st.just(0.0),
    lives_s=st.sampled_from([0.0, 0.0, 0.1, 5.1, 6.0, 10.0, 30.0, 61.0, 301.0, 3600.0]) | st.floats(0, 400),
    accepted=st.booleans(),
    retry_s=st.sampled_from([0.0, 0.0, 0.5, 60.0, 1e9]),
)
STEPS = st.lists(
    st.tuples(
        OUTCOMES,
        st.none() | st.floats(0, 20),  # kill -9 so long after its beginning
        st.sampled_from(["", "", "", "", "restart", "reboot", "wake"]),
        st.floats(0, 700),
    ),
    min_size=1,
    max_size=150,
)


@given(STEPS, st.integers(0, 1000))
def test_no_minute_holds_more_than_six_connections_whatever_happens(
    steps: list[tuple[Outcome, float | None, str, float]], seed: int
) -> None:
    model = Model(chance=random.Random(seed))
    for outcome, killed_s, after, slept_s in steps:
        model.attempt(outcome, model.now + killed_s if killed_s is not None else float("inf"))
        if after == "restart":
            model.restart()
        elif after == "reboot":
            model.reboot()
        elif after == "wake":
            model.wake(slept_s)
    assert busiest_minute(model.opened) <= IN_A_MINUTE
    assert busiest_minute(model.asked) <= IN_A_MINUTE


def test_no_hour_of_any_known_pattern_costs_many_calls() -> None:
    for name in PATTERNS:
        for seed in range(5):
            made = hour(name, seed)
            assert len(made.opened) + len(made.asked) < IN_AN_HOUR, name
            assert busiest_minute(made.opened) <= IN_A_MINUTE, name


def test_a_first_loss_is_made_good_at_once_and_so_is_a_wake_after_an_hour_without_a_network() -> None:
    model = Model()
    model.attempt(Outcome(lives_s=3600.0))
    lost = model.now
    model.attempt(Outcome(lives_s=10.0))
    assert model.opened[-1] - lost < 1
    away = Outcome(failure=FailureKind.UNREACHABLE, named=False)
    while model.now < lost + 3600:
        model.attempt(away)
    model.wake(600.0)
    woke = model.now
    model.attempt(Outcome(lives_s=3600.0))
    assert model.opened[-1] - woke < 1
