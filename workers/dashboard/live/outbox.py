"""What a page has not been sent yet. It cannot grow: of each topic only the newest value waits. Pure."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

MOST_ANSWERS = 32


class Outbox:
    """For one page. `take` returns one text frame with everything that changed since the last one, or None."""

    def __init__(self) -> None:
        self._changed: dict[str, object] = {}
        self._answers: list[dict[str, object]] = []
        self._bus: bool | None = None
        self._about: object = None

    def snapshot(self, topics: Mapping[str, object], about: object, *, bus: bool) -> None:
        """Begin anew with `topics` and with what never changes; the page forgets what it had."""
        self._changed = dict(topics)
        self._about = about
        self._bus = bus

    def change(self, topic: str, value: object) -> None:
        """Tell the newest of a topic; None: it is gone."""
        self._changed[topic] = value

    def link(self, *, bus: bool) -> None:
        """Tell whether the bus is there."""
        self._bus = bus

    def answer(self, answer: dict[str, object]) -> None:
        self._answers.append(answer)

    @property
    def full(self) -> bool:
        """The page asks more than it listens to."""
        return len(self._answers) >= MOST_ANSWERS

    def take(self, now: float, clock: float) -> bytes | None:
        """Return JSON of what there is of `about` (all anew), `bus`, `topics` and `answers`.

        With it come `now` (Unix seconds) and `clock` (of `common.basic.clock.boot_s`).
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
