"""Checks that get no reply are repeated soon, at a pace, and go on until the other side is up too."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from aioice import stun
from aioice.ice import StunProtocol

from tests.support.waiting import until
from tests.workers.media.guard.peers import Pair
from tests.workers.media.guard.test_diagnosis import drop_dtls
from workers.media.guard import filtered, moves
from workers.media.guard.checks import AGAIN_S, APART_S, CONFIRM_S, CheckPace


def test_repetitions_of_many_pairs_keep_the_pace() -> None:
    pace, now = CheckPace(), 100.0
    sent = [now + pace.take(now) for _ in range(30)]  # thirty pairs whose repetition is due now
    assert sent[0] == now
    assert all(after - before >= APART_S - 1e-9 for before, after in pairwise(sent))


def test_a_repetition_keeps_its_distance_from_a_first_check() -> None:
    pace = CheckPace()
    pace.record(100.0)
    assert pace.take(100.01) == pytest.approx(APART_S - 0.01)
    assert pace.take(200.0) == 0.0


def test_nobody_gets_more_than_from_libwebrtc() -> None:
    assert APART_S > 0.048
    assert CONFIRM_S >= 0.48
    assert min(AGAIN_S) >= 0.048


class Requests:
    """The checks that leave our side. `lost` of them do not get through, of each transaction."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, lost: int) -> None:
        self.sent: dict[bytes, int] = {}
        send = StunProtocol.send_stun

        def lossy(protocol: Any, message: stun.Message, addr: tuple[str, int]) -> None:
            if message.message_class is stun.Class.REQUEST:
                count = self.sent[message.transaction_id] = self.sent.get(message.transaction_id, 0) + 1
                if count <= lost:
                    return
            send(protocol, message, addr)

        monkeypatch.setattr(StunProtocol, "send_stun", lossy)


async def test_a_check_is_repeated_until_its_reply_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filtered, "AGAIN_S", (0.02,) * 50)
    monkeypatch.setattr(stun, "RETRY_RTO", 1000.0)  # aioice repeats nothing
    requests = Requests(monkeypatch, lost=3)
    async with Pair() as pair:
        await pair.we_offer()
        await pair.connected()
        await pair.voice()
        assert any(count > 3 for count in requests.sent.values())
        answered = dict(requests.sent)
        await pair.voice()
        again = [one for one, count in answered.items() if count > 3 and requests.sent[one] > count]
        assert not again


async def test_a_request_to_a_stun_server_is_not_repeated_sooner(monkeypatch: pytest.MonkeyPatch) -> None:
    repeated = []
    monkeypatch.setattr(filtered.GuardedProtocol, "_repeat", lambda *_: repeated.append(1))
    async with Pair() as pair:
        await pair.ours.offer()
        protocol = pair.ours_ice._protocols[0]
        request = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
        with pytest.raises(stun.TransactionTimeout):
            await protocol.request(request, protocol.transport.get_extra_info("sockname")[:2], retransmissions=0)
        assert not repeated


async def test_our_side_checks_on_until_the_other_side_sends_dtls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moves, "CONFIRM_S", 0.02)
    monkeypatch.setattr(moves, "CONFIRM_TIMES", 10_000)
    async with Pair() as pair:
        passes = False
        for side in (pair.ours, pair.other):
            drop_dtls(side, lambda _: not passes)
        await pair.we_offer()
        await until(lambda: pair.gate.checks > 20, "the other one checks again and again")
        passes = True
        await pair.connected()
        await pair.voice()
        await until(lambda: not pair.ours_ice._tasks, "that ends")
