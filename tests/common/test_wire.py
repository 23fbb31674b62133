from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common import wire
from common.errors import BadMessageError
from common.messages import AudioFrame, AuthState, Levels

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
    store.note(wire.encode(AuthState(state="signed_out", realm="simulator"), HEADER))
    last = wire.encode(SIGNED_IN, HEADER)
    store.note(last)
    store.note(wire.encode(Levels(talkers={}, mix=-120.0), HEADER))
    assert store.matching("") == [tuple(last)]
    assert store.matching("party") == []
    store.note(wire.encode_clear(SIGNED_IN.topic(), HEADER))
    assert store.matching("") == []


def test_the_store_is_bounded() -> None:
    store = wire.RetainedStore(limit=0)
    with pytest.raises(BadMessageError, match="retained topics"):
        store.note(wire.encode(SIGNED_IN, HEADER))
