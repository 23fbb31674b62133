"""What a relay's events mean: their sender, which are new, and that invalid ones are reported and discarded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.messages import Member, PartyState, PeerSignal
from workers.signaling.transports.relay_messages import RelayMessages, refusal

ME, BO = "1234567890123456789", "2345678901234567890"
PHONE, PS5 = 100001, 5
STATE = PartyState(
    phase="joined",
    session_id="s",
    me=f"{ME}.MOBILE_APP",
    members=(
        Member(account_id=ME, platform="MOBILE_APP", is_me=True),
        Member(account_id=BO, platform="PS5"),
        Member(account_id="7", platform="PSPC"),
    ),
)


class Desk:
    def __init__(self) -> None:
        self.problems: list[str] = []
        self.messages = RelayMessages(self.problems.append)
        self.messages.on_party(STATE)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def said(kind: str = "offer", sender: str = BO, platform: int = PS5, **more: Any) -> dict[str, Any]:
    return {
        "from": {"account_id": sender, "platform": platform},
        "to": {"account_id": ME, "platform": PHONE},
        "type": kind,
        "sdp": "v=0",
        "sdp_sequence_number": "3",
        "global_seq_num": 5,
        **more,
    }


@pytest.mark.parametrize(("event", "kind"), [("offer", "offer"), ("answer", "answer"), ("sdp_updated", "offer")])
@pytest.mark.parametrize("as_text", [False, True])
def test_each_type_is_read_as_object_and_as_text(desk: Desk, event: str, kind: str, *, as_text: bool) -> None:
    data = json.dumps(said(event)) if as_text else said(event)
    signal = desk.messages.read(event, data, 0.0)
    assert signal is not None
    assert (signal.kind, signal.account_id, signal.platform, signal.sequence) == (kind, BO, "PS5", 3)
    assert signal.transport == "socketio"


def test_account_ids_may_be_numbers(desk: Desk) -> None:
    signal = desk.messages.read("offer", said(**{"from": {"account_id": int(BO), "platform": PS5}}), 0.0)
    assert signal is not None
    assert signal.account_id == BO


def test_a_platform_whose_code_is_open_is_the_accounts_only_one(desk: Desk) -> None:
    signal = desk.messages.read("offer", said(sender="7", platform=77), 0.0)
    assert signal is not None
    assert signal.platform == "PSPC"


def test_what_is_not_from_a_member_to_us_or_was_overtaken_is_only_counted(desk: Desk) -> None:
    read = desk.messages.read
    assert read("offer", said(sender="999"), 0.0) is None
    assert read("offer", said(sender=ME, platform=PHONE), 0.0) is None
    assert read("offer", said(to={"account_id": BO, "platform": PS5}), 0.0) is None
    assert read("offer", said(), 0.0)
    assert read("offer", said(global_seq_num=4), 1.0) is None
    assert desk.messages.counts == {"not a member": 1, "echo": 1, "for another": 1, "offer": 1, "overtaken": 1}
    assert desk.problems == []


def test_an_event_of_another_name_than_its_message_is_reported(desk: Desk) -> None:
    assert desk.messages.read("answer", said("offer"), 0.0) is None
    assert len(desk.problems) == 1


def test_the_user_table_lists_the_members_that_the_relay_reaches(desk: Desk) -> None:
    assert desk.messages.table is None
    desk.messages.read_users({"users": [{"account_id": int(BO), "platform": PS5}, "nonsense"]})
    assert desk.messages.table is not None
    assert f"{BO}.PS5" in desk.messages.table


def test_what_we_write_reads_back_as_what_we_meant(desk: Desk) -> None:
    signal = PeerSignal(direction="out", account_id=BO, platform="PS5", kind="answer", sdp="v=0", sequence=9)
    written = desk.messages.write(signal, 44)
    assert written["from"] == {"account_id": ME, "platform": PHONE}
    assert written["to"] == {"account_id": BO, "platform": PS5}
    assert (written["type"], written["sdp_sequence_number"], written["global_seq_num"]) == ("answer", "9", 44)
    golden = json.loads((Path(__file__).parent.parent.parent.parent / "wire" / "miranda-answer.json").read_text())
    assert set(written) == set(golden)


@given(
    st.recursive(
        st.none() | st.integers() | st.text() | st.binary(), lambda s: st.lists(s) | st.dictionaries(st.text(), s)
    )
)
def test_nothing_that_a_relay_sends_raises(data: Any) -> None:
    desk = Desk()
    assert desk.messages.read("offer", data, 0.0) is None
    desk.messages.read_users(data)
    assert isinstance(refusal(data), str)


@pytest.mark.parametrize(("sent", "read"), [("1", 1), ("123456789", 123456789), ("1234567890", 1), ("one", 1), ("", 1)])
def test_a_number_of_an_offer_beyond_all_use_counts_as_the_first(desk: Desk, sent: str, read: int) -> None:
    signal = desk.messages.read("offer", said(sdp_sequence_number=sent), 0.0)
    assert signal is not None
    assert signal.sequence == read


def test_an_unreadable_message_is_reported_in_a_few_words(desk: Desk) -> None:
    assert desk.messages.read("offer", said("x" * 99), 0.0) is None
    assert desk.messages.read("offer", {"x": object()}, 0.0) is None
    named, no_json = desk.problems
    assert named == f"The relay sent {'x' * 30!r} as 'offer'."
    assert "no JSON" in no_json
    assert desk.messages.counts == {"bad message": 2}


@pytest.mark.parametrize(("size", "over"), [(256 * 1024, False), (256 * 1024 + 1, True)])
def test_a_message_of_more_than_256_kib_is_over_the_limit(desk: Desk, size: int, over: bool) -> None:
    empty = len(json.dumps(said(other="")))
    desk.messages.read("offer", json.dumps(said(other="x" * (size - empty))), 0.0)
    assert any(f"{size} bytes is over the limit" in problem for problem in desk.problems) == over
