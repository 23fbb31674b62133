"""What is drawn from a seed, and how a gap and the calls are judged."""

from __future__ import annotations

from itertools import islice

from benchmarks.chaos import judge
from benchmarks.chaos.draw import PAIR_EVERY, Drawn, draw
from benchmarks.chaos.judge import Gap
from benchmarks.chaos.kinds import BY_NAME, HELD_BACK_S, KINDS, MIX, QUIET_S, SPARE_IN_A_WINDOW
from benchmarks.chaos.report import Window, rows
from simulator.scenarios import SCENARIOS

PEERS = ("a.PS5", "b.PS5", "c.PS4")
S = 1_000_000_000


def fault(name: str, struck: int = 0, hold_s: float = 0.0) -> Drawn:
    return Drawn(BY_NAME[name], struck, hold_s, 0.0, 0.5)


def gaps(**seconds: float) -> dict[str, Gap]:
    """Return gaps of the mix and of peers by their letter, each from 1 s after the beginning."""
    names = {"a": "a.PS5", "b": "b.PS5", "c": "c.PS4", "mix": MIX}
    return {names[who]: Gap(length, 1.0) for who, length in seconds.items()}


def test_a_seed_draws_the_same_steps_again_and_another_others():
    def first(seed: int) -> list[object]:
        return list(islice(draw(seed, KINDS, 8), 100))

    assert first(7) == first(7)
    assert first(7) != first(8)


def test_every_kind_comes_before_any_comes_again_and_each_third_step_is_a_pair_of_two_families():
    steps = list(islice(draw(1, KINDS, 8), len(KINDS)))
    assert {step.faults[0].kind for step in steps} == set(KINDS)
    for step in steps:
        assert len(step.faults) == (2 if step.number % PAIR_EVERY == 0 else 1)
        assert len({drawn.kind.family for drawn in step.faults}) == len(step.faults)
        for drawn in step.faults:
            low, high = drawn.kind.hold_s
            assert low <= drawn.hold_s <= high
            assert 0 <= drawn.struck < 8


def test_one_family_alone_is_drawn_without_pairs():
    kills = [kind for kind in KINDS if kind.family == "kill"]
    assert all(len(step.faults) == 1 for step in islice(draw(1, kills, 8), 20))


def test_every_kind_has_a_reason_and_names_what_there_is():
    assert len(BY_NAME) == len(KINDS)
    for kind in KINDS:
        assert kind.why
        assert (kind.gap_s > 0) == (kind.whom != "nobody")
        assert kind.family != "server" or kind.what in SCENARIOS


def test_the_longest_gap_counts_both_ends_of_the_window():
    assert judge.longest([1 * S, 2 * S, 5 * S, 6 * S], 0, 7 * S) == Gap(3, 2)
    assert judge.longest([5 * S, 6 * S], 0, 7 * S) == Gap(5, 0)
    assert judge.longest([1 * S], 0, 7 * S) == Gap(6, 1)
    assert judge.longest([], 0, 7 * S) == Gap(7, 0)
    assert judge.longest([9 * S, 3 * S], 0, 4 * S) == Gap(3, 0)


def test_a_gap_is_explained_only_for_whom_the_fault_strikes():
    leaves = [fault("peer.leaves", struck=1, hold_s=2.0)]
    most = QUIET_S + BY_NAME["peer.leaves"].gap_s + 2.0
    assert judge.excesses(gaps(b=most, a=QUIET_S, mix=QUIET_S), leaves, PEERS) == []
    found = judge.excesses(gaps(b=most + 0.1, a=QUIET_S + 0.5, mix=0.0), leaves, PEERS)
    assert [one.peer for one in found] == ["a.PS5", "b.PS5"]
    assert "a.PS5 was missing for 0.75 s, 0.25 s are explained (from 1.00 s after the beginning)" in str(found[0])


def test_audio_may_cost_the_mix_and_nobody_else_and_a_pair_costs_both():
    audio, media = fault("kill.audio"), fault("kill.media")
    assert judge.allowed_s("a.PS5", [audio], PEERS) == QUIET_S
    assert judge.allowed_s(MIX, [audio], PEERS) == QUIET_S + audio.kind.gap_s
    assert judge.allowed_s(MIX, [audio, media], PEERS) == QUIET_S + audio.kind.gap_s + media.kind.gap_s


def test_who_waits_for_a_message_waits_for_the_push_channel_too():
    leaves, hangs = fault("peer.leaves", struck=1), fault("server.push-half-open")
    alone, both = (judge.allowed_s("b.PS5", faults, PEERS) for faults in ([leaves], [leaves, hangs]))
    assert both == alone + hangs.kind.push_s > alone
    assert judge.allowed_s("a.PS5", [leaves, hangs], PEERS) == QUIET_S


def test_who_is_held_back_may_lose_the_party():
    assert judge.excesses(gaps(a=HELD_BACK_S), [], PEERS, held_back=True) == []
    assert judge.excesses(gaps(a=HELD_BACK_S), [], PEERS) != []


def test_nothing_is_explained_without_a_fault():
    assert [one.peer for one in judge.excesses(gaps(a=0.6), [], PEERS)] == ["a.PS5"]


def test_for_a_machine_that_stood_still_nobody_answers():
    assert judge.excesses(gaps(a=0.6), [], PEERS, stalled_s=0.2) == []
    assert [one.peer for one in judge.excesses(gaps(a=0.6), [], PEERS, stalled_s=0.1)] == ["a.PS5"]


def test_a_counter_that_began_anew_has_grown_by_what_it_says():
    assert judge.grown(10, 12) == 2
    assert judge.grown(10, 3) == 3


def test_a_fault_demands_so_many_calls_and_no_more():
    assert judge.allowed_calls([], 60.0) == SPARE_IN_A_WINDOW + 2
    both = [fault("kill.media"), fault("server.cut")]
    assert judge.allowed_calls(both, 60.0) == SPARE_IN_A_WINDOW + 2 + BY_NAME["kill.media"].most_calls
    assert all(bool(kind.calls) == bool(kind.most_calls) for kind in KINDS)


def test_a_fault_may_be_noticed_long_after_its_window():
    budget = judge.Budget()
    assert not budget.spend(calls=0, allowed=15)
    assert not budget.spend(calls=5, allowed=3)
    assert not budget.spend(calls=13, allowed=0)
    assert budget.spend(calls=1, allowed=0) == '"Sony" was called 1 times, 0 are explained'


def test_calls_that_nothing_demands_are_held_to_a_tenth_of_the_limit():
    assert not judge.too_many(130, 3600)
    assert judge.too_many(131, 3600)
    assert judge.demand([fault("kill.broker"), fault("kill.audio")]) == ""
    assert "token" in judge.demand([fault("kill.broker"), fault("server.tokens-expired")])


def test_the_table_has_a_row_for_each_kind_and_pairs_beside():
    def window(*faults: Drawn, gap: float, calls: int) -> Window:
        return Window(faults=faults, seconds=10, gaps={"a.PS5": gap, MIX: 0.1}, missing=0, concealed=0, calls=calls)

    killed, audio = fault("kill.media"), fault("stop.audio")
    table = rows([
        window(gap=0.1, calls=1), window(killed, gap=2.0, calls=3), window(killed, gap=4.0, calls=5),
        window(killed, audio, gap=9.0, calls=7),
    ])  # fmt: skip
    by_name = {row.kind: row for row in table}
    assert by_name["quiet"].times == 1
    media = by_name["kill.media"]
    assert (media.times, media.in_pairs, media.worst_s, media.median_s, media.calls) == (2, 1, 4.0, 3.0, 8)
    assert (by_name["stop.audio"].times, by_name["stop.audio"].in_pairs) == (0, 1)
    assert (by_name["pairs"].times, by_name["pairs"].worst_s) == (1, 9.0)
