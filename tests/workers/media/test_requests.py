"""Offers are held back for a time when that is requested."""

from __future__ import annotations

import time
from typing import Any

from common.requests import Done, HoldOffers
from workers.media.requests import Requests


class Bus:
    def __init__(self) -> None:
        self.served: dict[type, Any] = {}

    def serve(self, request: type, handler: Any) -> None:
        self.served[request] = handler


class Roster:
    def __init__(self) -> None:
        self.held: list[tuple[float, bool]] = []

    def hold_offers(self, until: float, *, meets: bool) -> None:
        self.held.append((until, meets))


async def test_offers_are_held_from_now_on() -> None:
    bus, roster = Bus(), Roster()
    Requests(bus, roster).serve()  # type: ignore[arg-type]
    before = time.monotonic()
    assert isinstance(await bus.served[HoldOffers](HoldOffers(for_s=20.0, meet=True)), Done)
    ((until, meets),) = roster.held
    assert before + 20.0 <= until <= time.monotonic() + 20.0
    assert meets
