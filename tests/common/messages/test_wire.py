from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import BadMessageError
from common.messages import AudioFrame, AuthState, Levels, PeerState, Problem, wire

HEADER = wire.Header(sender="auth", boot="b", seq=1, at=1.0)
SIGNED_IN = AuthState(state="signed_in", realm="simulator")


@given(st.lists(st.binary(max_size=200), max_size=5))
def test_arbitrary_frames_are_a_bad_message_and_nothing_worse(frames: list[bytes]) -> None:
    with pytest.raises(BadMessageError):
        wire.decode(frames)


@given(st.data())
def test_a_damaged_message_is_refused_or_still_a_message(data: st.DataObject) -> None:
    frames = wire.encode(SIGNED_IN, HEADER)
    which = data.draw(st.integers(0, 2))
    cut = data.draw(st.integers(0, len(frames[which])))
    frames[which] = frames[which][:cut] + data.draw(st.binary(max_size=20))
    try:
        assert wire.decode(frames).topic
    except BadMessageError:
        pass


@given(st.lists(st.binary(max_size=1200), max_size=4))
def test_arbitrary_audio_frames_are_refused(frames: list[bytes]) -> None:
    with pytest.raises(BadMessageError):
        wire.decode_audio(frames)


def test_an_audio_frame_comes_back_with_its_samples() -> None:
    header = AudioFrame(peer="1.PS5", boot="b", tick=7, tick_ns=5, sounding=True)
    samples = bytes(range(256)) * 3 + bytes(192)
    assert wire.decode_audio([bytes(part) for part in wire.encode_audio(header, samples)]) == (header, samples)


def test_the_store_keeps_the_last_retained_message_of_each_topic_until_it_is_cleared() -> None:
    store = wire.RetainedStore()
    store.record(wire.encode(AuthState(state="signed_out", realm="simulator"), HEADER))
    last = wire.encode(SIGNED_IN, HEADER)
    store.record(last)
    store.record(wire.encode(Levels(talkers={}, mix=-120.0), HEADER))
    assert store.matching("") == [tuple(last)]
    assert store.matching("party") == []
    store.record(wire.encode_clear(SIGNED_IN.topic(), HEADER))
    assert store.matching("") == []


def peer(account: str, detail: str = "") -> PeerState:
    return PeerState(account_id=account, platform="PS5", connection="connected", detail=detail)


def test_the_store_is_bounded_by_bytes_and_keeps_room_for_what_tells_of_trouble() -> None:
    store = wire.RetainedStore(limit=20, limit_bytes=20_000)

    def problem(number: int, words: str) -> list[bytes]:
        return wire.encode(Problem(worker="session", code=f"x.{number}", message=words, remedy="Wait.", at=1.0), HEADER)

    with pytest.raises(BadMessageError, match="bytes of retained topics"):
        store.record(wire.encode(peer("1", "x" * 19_000), HEADER))
    store.record(wire.encode(peer("2", "x" * 17_000), HEADER))
    with pytest.raises(BadMessageError, match="bytes of retained topics"):
        store.record(wire.encode(peer("3", "x" * 1000), HEADER))
    store.record(problem(1, "x" * 1000))
    kept = sum(map(len, store.matching("")[0])) + sum(map(len, store.matching("")[1]))
    assert store.bytes == kept
    store.record(wire.encode(peer("2", ""), HEADER))  # less of it is always taken
    for number in range(3, 30):
        with contextlib.suppress(BadMessageError):
            store.record(wire.encode(peer(f"{number}"), HEADER))
    assert len(store.matching("")) == 18
    store.record(problem(2, "honest"))
    store.record(wire.encode_clear(peer("2").topic(), HEADER))
    assert store.bytes == sum(sum(map(len, frames)) for frames in store.matching(""))


def test_the_store_is_bounded() -> None:
    store = wire.RetainedStore(limit=0)
    with pytest.raises(BadMessageError, match="retained topics"):
        store.record(wire.encode(SIGNED_IN, HEADER))
