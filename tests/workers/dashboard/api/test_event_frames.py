"""Frames of clients: what is one, and by which id a faulty one is refused."""

from __future__ import annotations

import pytest

from common.api.frames import Ask, Since, Subscribe
from workers.dashboard.api.event_frames import BadFrameError, decode


@pytest.mark.parametrize(("text", "frame"), [
    ('{"op":"subscribe","id":1}', Subscribe(id=1)),
    ('{"op":"subscribe","id":1.0,"levels_hz":20.0}', Subscribe(id=1, levels_hz=20)),
    ('{"op":"subscribe","id":1,"since":{"run":"f","number":42.0}}', Subscribe(id=1, since=Since(run="f", number=42))),
    ('{"op":"request","id":-3,"do":"SetMute"}', Ask(id=-3, do="SetMute")),
])  # fmt: skip
def test_a_frame(text: str, frame: Subscribe | Ask) -> None:
    assert decode(text) == frame


@pytest.mark.parametrize(("text", "frame_id"), [
    ("{", None),
    ("[]", None),
    ("[" * 60_000, None),
    ('{"op":"nothing"}', None),
    ('{"op":"nothing","id":"1"}', None),
    ('{"op":"nothing","id":true}', None),
    ('{"op":"nothing","id":1e300}', None),
    ('{"op":"nothing","id":1}', 1),
    ('{"op":"subscribe","id":2,"more":1}', 2),
    ('{"op":"subscribe","id":2.5}', None),
    ('{"op":"subscribe","id":3,"levels_hz":0}', 3),
    ('{"op":"subscribe","id":3,"since":{"run":"f"}}', 3),
    ('{"id":4}', 4),
])  # fmt: skip
def test_a_faulty_frame_is_refused_by_its_id_if_it_has_one(text: str, frame_id: int | None) -> None:
    with pytest.raises(BadFrameError) as refused:
        decode(text)
    assert refused.value.frame_id == frame_id
    assert refused.value.message.endswith(".")
