"""What messages on the bus show, message by message, in made-up time."""

from __future__ import annotations

import base64

import msgspec
import pytest

from cli.probe.observe.evidence import Evidence
from cli.probe.observe.observations import Glare, Numbers, OfferBehaviour, Shows, Unfit, Works
from cli.probe.observe.sdp_form import sdp_form
from common.messages import Member, PartyState, PeerSignal, PeerState, PushEvent, SignalRefused, Trying, WireFact
from common.psn.miranda import frames
from common.psn.party.push import PREFIX
from tests.conftest import WIRE

ME, SMALL, LARGE = "50.MOBILE_APP", "30.PS5", "70.PS5"
OFFER, ANSWER = ((WIRE / f"p2p-{kind}.sdp").read_bytes().decode() for kind in ("offer", "answer"))


def party(*peers, mine=1, session_id="s"):
    """We have joinOrder `mine`; `peers` are (peer key, joinOrder)."""
    members = [Member(account_id="50", platform="MOBILE_APP", is_me=True, join_order=mine)]
    for peer, order in peers:
        account_id, _, platform = peer.partition(".")
        members.append(Member(account_id=account_id, platform=platform, join_order=order))
    return PartyState(phase="joined", session_id=session_id, me=ME, members=tuple(members))


def signal(peer, direction, kind="offer", sequence=1, sdp=OFFER, **form):
    account_id, _, platform = peer.partition(".")
    names = {name.replace("__", ".").replace("_", "-"): value for name, value in form.items()}
    return PeerSignal(
        direction=direction,
        account_id=account_id,
        platform=platform,
        kind=kind,
        sdp=sdp,
        sequence=sequence,
        form=names,
    )


def state(peer, connection="connected", packets=10):
    account_id, _, platform = peer.partition(".")
    return PeerState(account_id=account_id, platform=platform, connection=connection, packets=packets)


def event(name, session_id="s", sender="", **data):
    account_id, _, platform = sender.partition(".")
    return PushEvent(
        epoch="e", number=1, data_type=f"{PREFIX}v2:ps:{name}", session_id=session_id,
        from_account_id=account_id, from_platform=platform, data=data,
    )  # fmt: skip


def message(peer, kind="offer", sdp=OFFER, counter=1, line="1/1/1"):
    account_id, _, _ = peer.partition(".")
    said = frames.message(
        kind, frames.Party(account_id=account_id, platform=5), frames.Party(account_id="50", platform=1), sdp, 1, 1
    )
    payload = frames.encode_payload(frames.frame(said, counter=counter, line=line))
    return event(
        "customMessage:noSeq:created", sender=peer, customMessage={"channel": "miranda:12", "payload": payload}
    )


def take(evidence, *timed):
    """Hand (time, message) to the evidence and return all that was seen."""
    return [one for at, message in timed for one in evidence.on_message(message, at)]


# --- who offers ----------------------------------------------------------------------------------------


def test_who_offers_in_the_window_and_who_does_not_is_told_with_order_and_size():
    evidence = Evidence()
    evidence.open_window(0.0)
    seen = take(evidence, (1.0, party((SMALL, 2), (LARGE, 3))), (2.5, signal(SMALL, "in")))
    assert seen == [OfferBehaviour(who="A", older=False, smaller=True, offered=True, waited_s=1.5)]
    assert not evidence.offers.all_judged()
    (quiet,) = evidence.close_window(6.0)
    assert quiet == OfferBehaviour(who="B", older=False, smaller=False, offered=False, waited_s=5.0)


def test_older_members_are_told_as_such():
    evidence = Evidence()
    evidence.open_window(0.0)
    (seen,) = take(evidence, (1.0, party((LARGE, 1), mine=2)), (2.0, signal(LARGE, "in")))
    assert (seen.older, seen.smaller) == (True, False)
    assert evidence.offers.all_judged()


def test_who_was_there_before_the_window_opened_is_not_judged_by_it():
    evidence = Evidence()
    take(evidence, (1.0, party((SMALL, 2))))
    evidence.open_window(2.0)
    take(evidence, (3.0, party((SMALL, 2), (LARGE, 3))), (4.0, signal(LARGE, "in")))
    assert evidence.offers.all_judged()
    assert evidence.close_window(6.0) == []


def test_an_offer_of_ours_that_came_first_says_nothing_of_theirs():
    evidence = Evidence()
    evidence.open_window(0.0)
    seen = take(evidence, (1.0, party((SMALL, 2))), (1.1, signal(SMALL, "out")), (2.0, signal(SMALL, "in")))
    assert [one for one in seen if isinstance(one, OfferBehaviour)] == []
    assert evidence.close_window(5.0) == []


def test_an_offer_that_comes_before_its_sender_is_known_counts():
    evidence = Evidence()
    evidence.open_window(0.0)
    take(evidence, (0.5, party()), (1.0, signal(SMALL, "in")), (1.1, party((SMALL, 2))))
    (seen,) = evidence.close_window(5.0)
    assert seen.offered


def test_without_a_window_nothing_is_told_of_offers():
    evidence = Evidence()
    assert take(evidence, (1.0, party((SMALL, 2))), (2.0, signal(SMALL, "in"))) == []


def test_our_own_console_counts_as_the_smaller_one():
    evidence = Evidence()
    evidence.open_window(0.0)
    take(evidence, (1.0, party(("50.PS5", 2))))
    (seen,) = evidence.close_window(5.0)
    assert seen.smaller


# --- glare ---------------------------------------------------------------------------------------------


def understood(evidence):
    """Have been connected with somebody of that platform before."""
    take(
        evidence,
        (1.0, party((SMALL, 2))),
        (1.5, signal(SMALL, "in")),
        (1.6, signal(SMALL, "out", "answer", sdp=ANSWER)),
        (2.0, state(SMALL)),
        (3.0, party()),
    )
    evidence.open_window(4.0, meets=True)


def glares(seen):
    return [(one.older, one.answered) for one in seen if isinstance(one, Glare)]


def test_an_answer_to_ours_while_theirs_waits_is_told():
    evidence = Evidence()
    understood(evidence)
    seen = take(
        evidence,
        (5.0, party((SMALL, 2))),
        (6.0, signal(SMALL, "in")),
        (6.1, signal(SMALL, "out", sequence=7)),
        (6.5, signal(SMALL, "in", "answer", sequence=7, sdp=ANSWER)),
    )
    assert glares(seen) == [(False, True)]


def test_no_answer_to_ours_until_we_answer_theirs_is_told():
    evidence = Evidence()
    understood(evidence)
    seen = take(
        evidence,
        (5.0, party((SMALL, 2))),
        (6.0, signal(SMALL, "in")),
        (6.1, signal(SMALL, "out", sequence=7)),
        (10.0, signal(SMALL, "out", "answer", sdp=ANSWER)),
    )
    assert glares(seen) == [(False, False)]


def test_a_member_that_may_not_understand_us_tells_nothing_by_its_silence():
    evidence = Evidence()
    evidence.open_window(0.0, meets=True)
    seen = take(
        evidence,
        (1.0, party((SMALL, 2))),
        (2.0, signal(SMALL, "in")),
        (2.1, signal(SMALL, "out", sequence=7)),
        (6.0, signal(SMALL, "out", "answer", sdp=ANSWER)),
    )
    assert glares(seen) == []


# --- which form ----------------------------------------------------------------------------------------


def test_the_form_that_led_to_a_connection_works_and_what_was_tried_before_was_lost():
    evidence = Evidence()
    take(evidence, (1.0, party((SMALL, 2))), (1.0, Trying(shared={"customdata4.place-1": "empty"})))
    seen = take(
        evidence,
        (2.0, signal(SMALL, "out", sequence=1, frame__line="1/1/1")),
        (8.0, signal(SMALL, "out", sequence=2, frame__line="2/1/1")),
        (8.4, signal(SMALL, "in", "answer", sequence=2, sdp=ANSWER)),
        (9.0, state(SMALL, packets=0)),
        (9.5, state(SMALL)),
    )
    worked = next(one for one in seen if isinstance(one, Works))
    assert worked.form == {"customdata4.place-1": "empty", "frame.line": "2/1/1", "sdp.ssrc": "as-captured"}
    assert [one.how for one in seen if isinstance(one, Unfit)] == ["ignored"]


def test_a_refused_form_is_told_as_refused():
    evidence = Evidence()
    take(evidence, (1.0, party((SMALL, 2))))
    refusal = SignalRefused(
        account_id="30", platform="PS5", kind="answer", sequence=1, message="Bad Request", final=True
    )
    seen = take(
        evidence,
        (2.0, signal(SMALL, "out", "answer", sdp=ANSWER, frame__line="1/1/1")),
        (2.2, refusal),
        (8.0, signal(SMALL, "out", "answer", sequence=2, sdp=ANSWER, frame__line="2/1/1")),
        (9.0, state(SMALL)),
    )
    assert [one.how for one in seen if isinstance(one, Unfit)] == ["refused"]


def test_the_same_form_again_was_not_unfit():
    evidence = Evidence()
    seen = take(
        evidence,
        (1.0, party((SMALL, 2))),
        (2.0, signal(SMALL, "out", sequence=1)),
        (8.0, signal(SMALL, "out", sequence=2)),
        (8.4, signal(SMALL, "in", "answer", sequence=2, sdp=ANSWER)),
        (9.5, state(SMALL)),
    )
    assert [one for one in seen if isinstance(one, Unfit)] == []


def test_the_first_message_of_a_run_says_nothing_of_numbers():
    evidence = Evidence()
    form = {"frame__offset_8": "one", "frame__line": "1/1/1"}
    take(evidence, (1.0, party((SMALL, 2))), (2.0, signal(SMALL, "out", "answer", sdp=ANSWER, **form)))
    (first,) = [one for one in take(evidence, (3.0, state(SMALL))) if isinstance(one, Works)]
    assert "frame.offset-8" not in first.form
    take(evidence, (4.0, party()), (5.0, party((SMALL, 3))), (6.0, signal(SMALL, "out", "answer", sdp=ANSWER, **form)))
    (second,) = [one for one in take(evidence, (7.0, state(SMALL))) if isinstance(one, Works)]
    assert second.form["frame.offset-8"] == "one"


def test_an_offers_form_says_nothing_of_the_clock_of_answers():
    evidence = Evidence()
    take(evidence, (1.0, party((SMALL, 2))), (2.0, signal(SMALL, "out", sdp__answer_clock="48000")))
    seen = take(evidence, (3.0, signal(SMALL, "in", "answer", sdp=ANSWER)), (4.0, state(SMALL)))
    assert "sdp.answer-clock" not in next(one for one in seen if isinstance(one, Works)).form


def test_what_descriptions_show():
    assert sdp_form(OFFER, "offer") == {"sdp.ssrc": "as-captured"}
    bare = "".join(line for line in ANSWER.splitlines(keepends=True) if not line.startswith("a=ssrc"))
    assert sdp_form(bare.replace("opus/16000", "opus/48000"), "answer") == {
        "sdp.ssrc": "none",
        "sdp.answer-clock": "48000",
    }
    assert sdp_form("no sdp", "offer") == {}


# --- what others write ---------------------------------------------------------------------------------


def test_frames_of_others_show_their_line_their_numbers_and_their_dialect():
    evidence = Evidence()
    take(evidence, (1.0, party((SMALL, 2))))
    take(evidence, (2.0, message(SMALL, counter=0, line="2/1/1")))
    seen = take(evidence, (3.0, message(SMALL, "answer", ANSWER, counter=3, line="2/1/1")))
    assert Numbers(who="A", counters=(0, 3)) in seen
    shown = {one.name: one.value for one in seen if isinstance(one, Shows)}
    assert shown == {"frame.line": "2/1/1", "sdp.ssrc": "as-captured", "sdp.answer-clock": "16000"}


def test_our_own_echo_another_party_and_what_cannot_be_read_show_nothing():
    evidence = Evidence()
    take(evidence, (1.0, party((SMALL, 2))))
    foreign = msgspec.structs.replace(message(SMALL), session_id="other")
    broken = event("customMessage:noSeq:created", sender=SMALL, customMessage={"channel": "miranda:12", "payload": "x"})
    assert take(evidence, (2.0, message(ME)), (2.0, foreign), (2.0, broken)) == []


@pytest.mark.parametrize(
    ("data", "value"),
    [
        ({"members": [{"customProperties": {"leftEventCause": "MEMBER_LEFT"}}]}, "entry"),
        ({"customProperties": {"leftEventCause": "MEMBER_LEFT"}, "members": [{}]}, "event"),
    ],
)
def test_where_the_cause_of_leaving_stands(data, value):
    evidence = Evidence()
    take(evidence, (1.0, party((SMALL, 2))))
    (seen,) = take(evidence, (2.0, event("members:deleted", **data)))
    assert (seen.name, seen.value) == ("party.left-cause-place", value)


@pytest.mark.parametrize(("place", "value"), [("", "empty"), ("AQAAAA==", "number"), ("x", "empty")])
def test_place_1_of_others(place, value):
    data4 = base64.b64encode(msgspec.json.encode(["", place, "1", "0", "6.2.0"])).decode()
    entry = {"accountId": "30", "platform": "PS5", "customData4": data4}
    evidence = Evidence()
    take(evidence, (1.0, party((SMALL, 2))))
    (seen,) = take(evidence, (2.0, event("m:customData4:updated", members=[entry])))
    assert (seen.name, seen.value) == ("customdata4.place-1", value)
    assert take(evidence, (2.0, event("members:created", members=[{**entry, "accountId": "50"}]))) != [], "no phone"


def test_facts_that_workers_tell_count_if_they_are_known():
    evidence = Evidence()
    fact = WireFact(name="rtp.clock", value="16000", worker="media", at=1.0)
    assert [one.value for one in take(evidence, (1.0, fact))] == ["16000"]
    odd = [msgspec.structs.replace(fact, value="7"), msgspec.structs.replace(fact, name="who.knows")]
    assert take(evidence, *((1.0, one) for one in odd)) == []


def test_who_floods_the_bus_takes_no_end_of_room():
    evidence = Evidence()
    for number in range(200):
        take(evidence, (1.0, signal(f"{number + 100}.PS5", "in")), (1.0, signal(SMALL, "out", sequence=number)))
    assert len(evidence.members.aliases()) <= 32
