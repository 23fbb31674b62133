from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.messages import Member, PartyState, PushEvent
from common.psn.miranda import frames
from common.psn.miranda.platforms import code_of
from common.psn.party.push import PREFIX, read_frame
from workers.signaling.transports.incoming_messages import HOLD_S, IncomingMessages
from workers.signaling.transports.offer_order import OVERTAKEN_S

Wire = Callable[[str], bytes]
PARTY = "f0f1f2f3-0001-4002-8003-a0a1a2a3a4a5"
ME = "1234567890123456789"
BO = "2345678901234567890"
STATE = PartyState(
    phase="joined",
    session_id=PARTY,
    me=f"{ME}.MOBILE_APP",
    members=(Member(account_id=BO, platform="MOBILE_APP"), Member(account_id=ME, platform="MOBILE_APP", is_me=True)),
)


class Desk:
    def __init__(self) -> None:
        self.problems: list[str] = []
        self.incoming = IncomingMessages("miranda:12", lambda reason, _: self.problems.append(reason))
        self.incoming.on_party(STATE, 0.0)

    def take(self, event: PushEvent, now: float = 0.0) -> Any:
        return self.incoming.read(event, now)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def payload(account: str = BO, platform: str = "MOBILE_APP", to: str = ME, kind: str = "offer", **more: Any) -> str:
    message = frames.message(
        kind,
        frames.MessageEnd(account_id=account, platform=code_of(platform)),
        frames.MessageEnd(account_id=to, platform=code_of("MOBILE_APP")),
        more.pop("sdp", "v=0"),
        more.pop("sequence", 1),
        more.pop("number", 1),
    )
    return frames.encode_payload(frames.frame(message))


def two_senders() -> str:
    said = frames.decode_payload(payload()).message
    return frames.encode_payload(frames.MirandaFrame(sender_account_id="5", sender_platform=5, message=said))


def event(
    text: str | None = None,
    *,
    sender: str = BO,
    platform: str = "MOBILE_APP",
    channel: str = "miranda:12",
    session: str = PARTY,
) -> PushEvent:
    return PushEvent(
        epoch="e",
        number=1,
        data_type=f"{PREFIX}v2:ps:customMessage:noSeq:created",
        session_id=session,
        from_account_id=sender,
        from_platform=platform,
        data={"customMessage": {"channel": channel, "payload": payload() if text is None else text}},
    )


def test_the_golden_answer_arrives_with_its_sdp_as_it_was_sent(desk: Desk, wire: Wire) -> None:
    frame = read_frame(wire("push-custom-message.json"))
    signal = desk.take(
        PushEvent(
            epoch="e",
            number=1,
            data_type=frame.data_type,
            session_id=frame.session_id,
            from_account_id=frame.from_account_id,
            from_platform=frame.from_platform,
            data=frame.data,
        )
    )
    assert (signal.direction, signal.account_id, signal.platform, signal.kind) == ("in", BO, "MOBILE_APP", "answer")
    assert signal.sdp == json.loads(wire("miranda-answer.json"))["sdp"]
    assert signal.sequence == 1
    assert desk.problems == []


def test_our_own_echo_is_discarded_but_our_console_is_a_peer(desk: Desk) -> None:
    assert desk.take(event(payload(ME), sender=ME)) is None
    assert desk.incoming.counts == {"echo": 1}
    assert desk.take(event(payload(ME, "PS5"), sender=ME, platform="PS5")).platform == "PS5"
    assert desk.problems == []


@pytest.mark.parametrize(
    "wrong",
    [
        event(payload("999")),
        event(payload(BO, "PS5")),
        event(payload("999"), sender=""),
        event(two_senders()),
    ],
)
def test_a_frame_of_another_sender_than_the_servers_is_reported_and_discarded(desk: Desk, wrong: PushEvent) -> None:
    assert desk.take(wrong) is None
    assert desk.problems == ["sender-mismatch"]


def test_messages_for_another_member_another_channel_or_party_are_discarded(desk: Desk) -> None:
    assert desk.take(event(payload(to="999"))) is None
    assert desk.take(event(channel="chat:1")) is None
    assert desk.take(event(session="another")) is None
    assert desk.problems == []


def test_a_message_delivered_twice_counts_once(desk: Desk) -> None:
    assert desk.take(event()) is not None
    assert desk.take(event()) is None
    assert desk.take(event(payload(number=2))) is not None


def test_an_updated_sdp_is_a_new_offer_for_a_connection_that_stands(desk: Desk) -> None:
    assert desk.take(event()).kind == "offer"
    signal = desk.take(event(payload(kind="sdp_updated", sdp="v=0 new", sequence=2, number=2)))
    assert (signal.kind, signal.sdp, signal.sequence) == ("offer", "v=0 new", 2)
    assert desk.incoming.counts == {"offer": 1, "sdp_updated": 1}


def test_a_frame_as_2020_wrote_it_is_read_like_any(desk: Desk) -> None:
    said = frames.decode_payload(payload(kind="sdp_updated")).message
    frame = frames.MirandaFrame(
        sender_account_id=BO,
        sender_platform=code_of("MOBILE_APP"),
        message=said,
        version=frames.VERSION_2020,
        prefix=frames.PREFIX_2020,
    )
    assert desk.take(event(frames.encode_payload(frame))).kind == "offer"


def test_an_offer_that_a_later_one_has_overtaken_is_discarded(desk: Desk) -> None:
    assert desk.take(event(payload(number=8, sequence=2)), 1.0).sequence == 2
    assert desk.take(event(payload(number=7, sequence=1)), 2.0) is None
    assert desk.incoming.counts == {"offer": 2, "overtaken": 1}


def test_a_sender_that_restarted_its_count_is_read(desk: Desk) -> None:
    assert desk.take(event(payload(number=8)), 1.0)
    assert desk.take(event(payload(number=1, sdp="v=0 later")), 1.0 + OVERTAKEN_S)
    alone = PartyState(phase="joined", session_id=PARTY, me=STATE.me, members=STATE.members[1:])
    desk.incoming.on_party(alone, 20.0)
    desk.incoming.on_party(STATE, 20.0)
    assert desk.take(event(payload(number=1, sdp="v=0 back again")), 20.0)


def test_members_that_join_at_the_same_moment_each_have_their_own_count(desk: Desk) -> None:
    crowd = [str(3456789012345678900 + number) for number in range(15)]
    members = tuple(Member(account_id=account, platform="PS5") for account in crowd)
    early = Desk()
    early.incoming.on_party(PartyState(phase="none"), 0.0)
    for number, account in enumerate(reversed(crowd)):
        text = payload(account, "PS5", number=100 - number)
        assert early.take(event(text, sender=account, platform="PS5"), 0.0) is None
    joined = PartyState(phase="joined", session_id=PARTY, me=STATE.me, members=(*STATE.members, *members))
    signals = early.incoming.on_party(joined, 0.1)
    assert {signal.account_id for signal in signals} == set(crowd)
    assert early.problems == []


def test_unknown_types_are_only_counted(desk: Desk) -> None:
    assert desk.take(event(payload(kind="user_table_updated"))) is None
    assert desk.incoming.counts == {"type user_table_updated": 1}
    assert desk.problems == []


def test_an_offer_that_comes_before_we_know_the_party_is_held_for_a_moment() -> None:
    early = Desk()
    early.incoming.on_party(PartyState(phase="none"), 0.0)
    assert early.take(event(), 1.0) is None
    (signal,) = early.incoming.on_party(STATE, 2.0)
    assert signal.kind == "offer"
    early.incoming.on_party(PartyState(phase="none"), 3.0)
    early.take(event(payload(number=5)), 3.0)
    assert early.incoming.on_party(STATE, 3.0 + HOLD_S) == []


def test_a_platform_without_a_known_code_is_taken_at_its_word_and_its_code_remembered(desk: Desk) -> None:
    message = frames.message(
        "offer",
        frames.MessageEnd(account_id=BO, platform=77),
        frames.MessageEnd(account_id=ME, platform=100001),
        "v=0",
        1,
        1,
    )
    signal = desk.take(event(frames.encode_payload(frames.frame(message)), platform="PSPC"))
    assert signal.platform == "PSPC"
    assert desk.incoming.codes == {f"{BO}.PSPC": 77}


@given(st.text() | st.binary().map(lambda raw: f"ver=1.0, type=binary, body={raw.hex()}"))
def test_any_payload_is_read_or_reported(text: str) -> None:
    desk = Desk()
    assert desk.take(event(text)) is None
    assert desk.problems in ([], ["bad-frame"])


def test_a_custom_message_of_odd_shape_is_discarded(desk: Desk) -> None:
    for data in ({}, {"customMessage": 5}, {"customMessage": {"channel": ["miranda:12"]}}):
        odd = PushEvent(epoch="e", number=1, data_type=event().data_type, session_id=PARTY, data=data)
        assert desk.take(odd) is None


def test_two_senders_in_one_frame_are_both_named() -> None:
    words: list[str] = []
    incoming = IncomingMessages("miranda:12", lambda _, said: words.append(said))
    incoming.on_party(STATE, 0.0)
    assert incoming.read(event(two_senders()), 0.0) is None
    assert words == [f"A message's header and text name two senders: 5 and {BO}."]


def test_the_types_that_are_counted_are_bounded_in_length_and_number(desk: Desk) -> None:
    for number in range(300):
        desk.take(event(payload(kind=f"{number:03} {'x' * 40}", number=number)))
    assert len(desk.incoming.counts) == 256
    assert f"type 000 {'x' * 26}" in desk.incoming.counts


@pytest.mark.parametrize(("sent", "read"), [(1, 1), (123456789, 123456789), (1234567890, 1)])
def test_a_number_of_an_offer_beyond_all_use_counts_as_the_first(desk: Desk, sent: int, read: int) -> None:
    assert desk.take(event(payload(sequence=sent))).sequence == read


def test_of_many_messages_that_come_too_early_the_latest_32_are_held() -> None:
    early = Desk()
    early.incoming.on_party(PartyState(phase="none"), 0.0)
    senders = [str(3456789012345678900 + number) for number in range(40)]
    for sender in senders:
        early.take(event(payload(sender), sender=sender), 0.0)
    signals = early.incoming.on_party(STATE, 0.1)
    assert [signal.account_id for signal in signals] == senders[-32:]
