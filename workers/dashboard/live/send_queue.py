"""The send queue of a page. It is bounded, because only the newest value of each topic is queued. Pure."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

MOST_ANSWERS = 32


class SendQueue:
    """The queue of one page. `take` returns one text frame with all changes since the last one, or None."""

    def __init__(self) -> None:
        self._changed: dict[str, object] = {}
        self._answers: list[dict[str, object]] = []
        self._bus: bool | None = None
        self._about: object = None

    def put_snapshot(self, topics: Mapping[str, object], about: object, *, bus: bool) -> None:
        """Queue a full snapshot, with `topics` and the constants `about`. The page drops its earlier state."""
        self._changed = dict(topics)
        self._about = about
        self._bus = bus

    def put_change(self, topic: str, value: object) -> None:
        """Queue the newest value of a topic. None, or JSON of it, means that it is gone."""
        self._changed[topic] = value

    def put_bus(self, *, reachable: bool) -> None:
        """Queue whether the bus is reachable."""
        self._bus = reachable

    def put_answer(self, answer: dict[str, object]) -> None:
        self._answers.append(answer)

    @property
    def full(self) -> bool:
        """Whether too many answers wait for the page to read them."""
        return len(self._answers) >= MOST_ANSWERS

    def take(self, now: float, clock: float) -> bytes | None:
        """Return JSON of what is queued of `about` (a full snapshot), `bus`, `topics` and `answers`.

        It also has `now` (Unix seconds) and `clock` (of `common.basic.clock.boot_s`).
        """
        frame: dict[str, object] = {}
        if self._about is not None:
            frame["about"] = self._about
        if self._bus is not None:
            frame["bus"] = self._bus
        if self._changed or self._about is not None:
            frame["topics"] = self._changed
        if self._answers:
            frame["answers"] = self._answers
        if not frame:
            return None
        self._changed, self._answers, self._bus, self._about = {}, [], None, None
        return msgspec.json.encode({"now": now, "clock": clock, **frame})
