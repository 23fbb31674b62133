from __future__ import annotations

import json

from common.messages import Levels
from workers.dashboard.live.send_queue import SendQueue


def frame(queue: SendQueue) -> dict[str, object]:
    return json.loads(queue.take(1.0, 5.0) or b"{}")


def test_a_page_that_is_slow_gets_the_newest_of_each_topic_once() -> None:
    queue = SendQueue()
    queue.put_snapshot({}, {"npsso_url": "u"}, bus=True)
    for number in range(10_000):
        queue.put_change("audio.levels/", Levels(talkers={}, mix=float(-number)))
    queue.put_change("problem/x", None)
    assert frame(queue) == {
        "now": 1.0,
        "clock": 5.0,
        "about": {"npsso_url": "u"},
        "bus": True,
        "topics": {"audio.levels/": {"talkers": {}, "mix": -9999.0}, "problem/x": None},
    }
    assert queue.take(2.0, 6.0) is None


def test_answers_come_in_order_and_are_bounded() -> None:
    queue = SendQueue()
    for number in range(32):
        queue.put_answer({"id": number})
    assert queue.full
    assert [answer["id"] for answer in frame(queue)["answers"]] == list(range(32))
    assert not queue.full
