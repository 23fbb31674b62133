"""What the consoles decide, without sockets or sound."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest

from simulator.consoles import voices
from simulator.consoles.microphone import Microphone
from simulator.consoles.negotiate.behaviour import MIX_AFTER_S, OFFER_S, Behaviour
from simulator.consoles.negotiate.offers import MOST_OFFERS, REOFFER_AFTER_S, REPEAT_AFTER_S, ConsoleOffers
from simulator.consoles.scheduler import Scheduler
from simulator.consoles.turns import GAP_S, OVERLAP_EVERY, Turns
from simulator.facts.consoles import GLARE
from simulator.facts.ways import BadWay, Ways
from simulator.miranda.sdp_lint import lint
from simulator.parties import custom_data3
from simulator.parties.party import Device
from tests.simulator.messages import captured_sdp

PEER = "5012345678901234567.MOBILE_APP"
ME = Device("4000000000000000000", "Somebody", "PS5")


FACTS = {"offers": "offer.first", "glare": "glare.rule", "named": "consoles.named-in-custom-data3"}


def behaviour(policy="usual", *, join_order=1, **ways) -> Behaviour:
    """Return the behaviour of a console; `ways`: key of `FACTS` → the fact's way."""
    chosen = {FACTS[name]: way for name, way in ways.items()}
    made = Behaviour(ME, Ways(chosen), policy, random.Random(1))
    made.join_order = join_order
    return made


def console(policy="usual", **more) -> ConsoleOffers:
    return ConsoleOffers(behaviour(policy, **more))


def offer_time(pending: ConsoleOffers) -> float | None:
    return next((at / 10 for at in range(200) if pending.due(at / 10)), None)


@pytest.mark.parametrize(("policy", "after"), [("offer", 0.0), ("answer", None), ("mix", MIX_AFTER_S)])
def test_each_policy_offers_in_its_own_time(policy, after):
    pending = console(policy)
    pending.on_joined(PEER, 0.0)
    assert offer_time(pending) == after


@pytest.mark.parametrize(
    ("way", "join_order", "offers"),
    [
        ("older", 1, True), ("older", 3, False), ("newer", 1, False), ("newer", 3, True),
        ("nobody", 1, False), ("nobody", 3, False), ("both", 1, True), ("both", 3, True),
        ("smaller-account", 1, True), ("smaller-account", 3, True),
    ],
)  # fmt: skip
def test_who_offers_is_a_fact_and_the_offer_comes_as_late_as_captured(way, join_order, offers):
    pending = console(join_order=join_order, offers=way)
    pending.on_joined(PEER, 0.0, 2)
    at = offer_time(pending)
    assert (at is not None) is offers
    assert at is None or OFFER_S[0] <= at <= OFFER_S[1] + 0.1


def test_on_one_account_the_console_is_the_smaller():
    pending = console(offers="smaller-account")
    pending.on_joined(f"{ME.account_id}.MOBILE_APP", 0.0, 2)
    assert offer_time(pending) is not None


@pytest.mark.parametrize("join_order", [1, 3])
@pytest.mark.parametrize(
    ("way", "yields"),
    [("lower-yields", {1}), ("higher-yields", {3}), ("yields", {1, 3}), ("never-yields", set())],
)
def test_whose_offer_stands_is_a_fact(way, join_order, yields):
    pending = console("offer", join_order=join_order, glare=way)
    pending.on_joined(PEER, 0.0, 2)
    number, _ = pending.record_offer(PEER, 0.0)
    assert pending.on_offer(PEER) is (join_order in yields)
    assert pending.on_answer(PEER, str(number)) is (join_order not in yields)


def test_a_console_may_go_its_own_way():
    own = behaviour("offer", glare="yields")
    own.choose(GLARE, "never-yields")
    pending = ConsoleOffers(own)
    pending.on_joined(PEER, 0.0, 2)
    pending.record_offer(PEER, 0.0)
    assert not pending.on_offer(PEER)
    with pytest.raises(BadWay):
        own.choose(GLARE, "whenever")


def test_a_console_that_wants_to_be_named_has_no_dealings_before_it_is():
    pending = console("offer", named="required")
    pending.on_joined(PEER, 0.0, 2)
    assert offer_time(pending) is None
    assert not pending.on_offer(PEER)
    pending.on_named(PEER, us=True)
    assert offer_time(pending) == 0.0
    assert pending.on_offer(PEER)


def test_custom_data3_names_everybody_else():
    text = custom_data3.naming("a-session", ["42", "5012345678901234567"])
    assert custom_data3.names(text, "42")
    assert custom_data3.names(text, "5012345678901234567")
    assert not custom_data3.names(text, "4")
    assert not custom_data3.names("", "42")
    assert not custom_data3.names("no base64", "42")


def test_an_offer_without_an_answer_is_repeated_with_a_new_number_but_not_for_ever():
    pending = console("offer", glare="never-yields")
    pending.on_joined(PEER, 0.0)
    numbers = [
        pending.record_offer(PEER, n * REPEAT_AFTER_S) for n in range(MOST_OFFERS) if pending.due(n * REPEAT_AFTER_S)
    ]
    assert [number for number, _ in numbers] == [1, 2, 3, 4, 5]
    assert not pending.on_offer(PEER)
    assert pending.due(1000.0) == []
    assert pending.on_offer(PEER), "none of its own is pending any more"


def test_a_silent_console_neither_offers_nor_answers():
    pending = console("silent")
    pending.on_joined(PEER, 0.0)
    assert pending.due(1000.0) == []
    assert not pending.on_offer(PEER)


def test_a_glaring_console_meets_the_first_offer_with_its_own():
    pending = console("glare")
    pending.on_joined(PEER, 0.0)
    assert pending.due(1000.0) == []
    assert pending.glares(PEER)
    pending.record_offer(PEER, 0.0)
    assert not pending.glares(PEER)


def test_a_reoffering_console_offers_again_whenever_it_is_connected_in_both_vocabularies():
    pending = console("reoffer")
    pending.on_joined(PEER, 0.0)
    said = []
    for round_ in range(4):
        now = round_ * 10.0
        assert pending.due(now) == [PEER]
        number, kind = pending.record_offer(PEER, now)
        said.append((number, kind))
        assert pending.on_answer(PEER, str(number))
        pending.on_up(PEER, now)
        assert pending.due(now + REOFFER_AFTER_S - 0.1) == []
    assert said == [(1, "offer"), (2, "sdp_updated"), (3, "offer"), (4, "sdp_updated")]


def test_an_answer_counts_for_the_outstanding_offer_only():
    pending = console("offer")
    pending.on_joined(PEER, 0.0)
    pending.record_offer(PEER, 0.0)
    assert not pending.on_answer(PEER, "7")
    assert pending.on_answer(PEER, "1")
    assert not pending.on_answer(PEER, "1")


def test_talkers_take_turns_with_a_gap_and_sometimes_fall_in():
    turns = Turns({"a": ["x"], "b": ["y"], "c": ["z"]}, lambda _: 4.0)
    begun = [(t / 25, turn) for t in range(25 * 120) if (turn := turns.next(t / 25, ["a", "b", "c"]))]
    assert begun[0][0] == 0.0
    distances = [later - earlier for (earlier, _), (later, _) in itertools.pairwise(begun)]
    assert {turn.talker for _, turn in begun[:3]} == {"a", "b", "c"}
    assert all(d == pytest.approx(4.0 + GAP_S, abs=0.05) for d in distances[: OVERLAP_EVERY - 1])
    assert distances[OVERLAP_EVERY - 1] < 4.0
    assert all(a.talker != b.talker for (_, a), (_, b) in itertools.pairwise(begun))


def test_nobody_talks_without_a_listener():
    turns = Turns({"a": ["x"]}, lambda _: 4.0)
    assert turns.next(0.0, []) is None
    assert turns.next(1.0, ["a"]).talker == "a"


def test_a_microphone_gives_40_ms_of_wideband_opus_on_a_48_khz_clock():
    microphone = Microphone()
    microphone.speak(voices.load(voices.names()[0]))
    packets = [microphone.packet() for _ in range(10)]
    assert [packet.pts for packet in packets] == [n * 1920 for n in range(10)]
    assert {bytes(packet)[0] >> 3 for packet in packets} == {10}  # TOC: SILK, wideband, 40 ms


def test_timestamps_may_count_16_khz():
    microphone = Microphone(lambda: 16_000)
    first = microphone.packet()
    microphone.skip()
    assert microphone.packet().pts - first.pts == 2 * 640


def test_the_voices_are_small_and_of_the_length_of_a_sentence():
    assert sum(path.stat().st_size for path in voices.FOLDER.glob("*.opus")) < 500_000
    for name in voices.names():
        samples = voices.load(name)
        assert 3.0 < len(samples) / voices.RATE < 6.0
        assert len(samples) % voices.PACKET_SAMPLES == 0
        assert 0.3 < np.abs(samples).max() / 32768 < 0.8


@pytest.mark.parametrize("kind", ["offer", "answer"])
def test_the_linter_finds_nothing_wrong_with_the_captures(kind):
    assert lint(captured_sdp(kind), kind) == []


class _Heard:
    """A console with a listener, seen from the scheduler."""

    def __init__(self) -> None:
        self.device = Device("1", "Somebody", "PS5")
        self.microphone = Microphone()
        self.speaker, self.heard, self.sent = "anna", True, []

    def send(self, packet) -> None:
        self.sent.append(packet.pts)


@pytest.mark.parametrize("pause", [True, False])
def test_in_a_silence_packets_go_on_unless_a_pause_is_asked_for(pause):
    console = _Heard()
    scheduler = Scheduler([console], pause=pause)
    for _ in range(30):
        scheduler._tick(console)
    scheduler.say("1.PS5", "anna-1")
    for _ in range(20):
        scheduler._tick(console)
    assert console.sent[-20:] == [n * 1920 for n in range(30, 50)]
    assert len(console.sent) == (25 if pause else 50)
    assert scheduler.spoken[0].samples == len(voices.load("anna-1"))


def test_what_is_hushed_counts_as_spoken_no_further():
    console = _Heard()
    scheduler = Scheduler([console])
    scheduler.say("1.PS5", "anna-1")
    for _ in range(20):
        scheduler._tick(console)
    scheduler.mute_all(True)
    assert scheduler.spoken[0].samples == 20 * voices.PACKET_SAMPLES


def test_in_a_chorus_everybody_who_is_heard_speaks_without_an_end():
    first, second = _Heard(), _Heard()
    second.device, second.heard = Device("2", "Somebody else", "PS5"), False
    scheduler = Scheduler([first, second])
    scheduler.all_speak = True
    for _ in range(3 * len(voices.load("anna-1")) // voices.PACKET_SAMPLES):
        scheduler._next_turn()
        scheduler._tick(first)
    assert [utterance.voice for utterance in list(scheduler.spoken)[:3]] == ["anna-1", "anna-2", "anna-3"]
    assert {utterance.peer for utterance in scheduler.spoken} == {"1.PS5"}
    assert first.microphone.quiet_packets == 0
