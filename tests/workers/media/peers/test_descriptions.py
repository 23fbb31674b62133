"""Descriptions are made in the form that was chosen, and one member's fault is an error of ours."""

from __future__ import annotations

from typing import Any

import pytest

from common.errors import PartylineError
from common.messages import Member
from common.psn.sdp import BadSdp
from common.psn.unknowns import BY_NAME, DEFAULT
from workers.media.negotiate.actions import AcceptAnswer, AnswerOffer, MakeOffer
from workers.media.peers import descriptions
from workers.media.peers.form_results import Attempt

OFFER, ANSWER = MakeOffer(1, 7, 3), AnswerOffer(2, 9, "theirs", 3)
ODD = {name: BY_NAME[name].values[-1] for name in DEFAULT}


class FakePeer:
    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.asked: list[dict[str, object]] = []

    async def _describe(self, **form: object) -> str:
        self.asked.append(form)
        if self.error is not None:
            raise self.error
        return "sdp"

    async def offer(self, **form: object) -> str:
        return await self._describe(**form)

    async def answer(self, offer: str, **form: object) -> str:
        return await self._describe(offer=offer, **form)

    async def accept(self, answer: str) -> None:
        await self._describe(answer=answer)


async def test_the_recipe_becomes_the_form() -> None:
    peer: Any = FakePeer()
    for recipe in (DEFAULT, ODD):
        await descriptions.describe(peer, OFFER, recipe, active=True)
        await descriptions.describe(peer, ANSWER, recipe, active=True)
    assert peer.asked == [
        {"ssrc": True, "active": True},
        {"offer": "theirs", "clock": 0, "ssrc": True},
        {"ssrc": False, "active": True},
        {"offer": "theirs", "clock": 48_000, "ssrc": False},
    ]


async def test_an_unusable_description_is_told_as_it_is_and_anything_else_as_a_fault() -> None:
    bad = BadSdp("no audio")
    for error, code in ((bad, bad.code), (ZeroDivisionError("odd"), "media.connection-fault")):
        peer: Any = FakePeer(error)
        with pytest.raises(PartylineError, match=str(error)) as found:
            await descriptions.describe(peer, ANSWER, DEFAULT, active=False)
        assert found.value.code == code
        with pytest.raises(PartylineError, match=str(error)) as found:
            await descriptions.accept(peer, AcceptAnswer(1, "theirs"))
        assert found.value.code == code


def test_a_signal_counts_the_tries_of_offers_and_repeats_the_number_of_the_answered_one() -> None:
    ann = Member(account_id="1", platform="PS5")
    sent = [
        descriptions.signal(ann, action, Attempt(role, ODD, 0.0), "sdp")
        for action, role in ((OFFER, "offer"), (ANSWER, "answer"))
    ]
    assert [(signal.peer, signal.kind, signal.sequence, signal.attempt, signal.form) for signal in sent] == [
        ("1.PS5", "offer", 7, 3, ODD),
        ("1.PS5", "answer", 9, 1, ODD),
    ]
