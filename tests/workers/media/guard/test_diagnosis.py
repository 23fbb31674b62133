"""Every connection that does not come up says why, in one sentence with advice that fits, and in full."""

from __future__ import annotations

import asyncio
import io
import json
import re
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cli.diagnostics.trace import lines
from cli.shared.terminal import Style
from common.psn.http import trace as traces
from common.psn.http.trace import CallTrace, no_connection
from tests.support.waiting import until
from tests.workers.media.guard.peers import Pair
from workers.media.guard import dtls as watched
from workers.media.guard.diagnosis import ConnectionFacts as Facts
from workers.media.guard.diagnosis import diagnose, unreachable_problem
from workers.media.guard.handshake import Handshake

UP = {"described": 0.1, "ice": 0.2, "ice up": 0.4, "dtls": 0.4, "ended": 6.5}
DOWN = {"described": 0.1, "ice": 0.2, "ended": 15.0}
HERE = {"local": ("1 x host IPv4 private",), "pairs": ("host IPv4 private to srflx IPv4: failed",)}


@pytest.mark.parametrize(
    ("facts", "cause", "words", "advice"),
    [
        (Facts(ours=True, seconds=DOWN), "no network here", "no address", "Connect this machine"),
        (
            Facts(ours=True, seconds=DOWN, local=HERE["local"]),
            "no candidates",
            "nothing came",
            "Another network",
        ),
        (
            Facts(ours=True, seconds=DOWN, **HERE),
            "unreachable",
            "1 pair of addresses tried, nothing came back",
            "firewall",
        ),
        (Facts(ours=True, seconds=DOWN, **HERE, checks=3), "one-way", "they reach us", "firewall"),
        (
            Facts(ours=True, seconds=DOWN, **HERE, replies=3),
            "never chosen",
            "never check or choose",
            "bug report",
        ),
        (
            Facts(ours=True, seconds=DOWN, **HERE, checks=1, replies=3),
            "never chosen",
            "no pair was chosen",
            "bug report",
        ),
        (Facts(ours=True, seconds=UP, **HERE), "DTLS silent", "DTLS got no reply in 6.1 s", "not to blame"),
        (
            Facts(ours=True, seconds=UP, handshake=Handshake(came=2, alerts=["they sent fatal: handshake failure"])),
            "DTLS refused",
            "they sent the alert handshake failure",
            "not to blame",
        ),
        (
            Facts(ours=True, seconds=UP, handshake=Handshake(came=2, mismatch=True, certificate="RSA 2048")),
            "another certificate",
            "certificate (RSA 2048) is not the one",
            "not to blame",
        ),
        (
            Facts(ours=True, seconds=UP, handshake=Handshake(came=9, done=True)),
            "no SRTP",
            "SRTP",
            "not to blame",
        ),
        (
            Facts(ours=True, seconds=UP, handshake=Handshake(came=9, state="x")),
            "DTLS stopped",
            "half-way",
            "not to blame",
        ),
        (Facts(ours=True, seconds={**UP, "dtls up": 1.0}), "ended", "the connection ended", "retried automatically"),
    ],
)
def test_each_cause_has_its_sentence_and_its_advice(facts: Facts, cause: str, words: str, advice: str) -> None:
    found = diagnose(facts)
    assert found.cause == cause
    assert words in found.sentence
    assert advice in found.advice
    assert json.dumps(found.record)
    if "ice up" in facts.seconds:
        assert "Another network" not in found.advice


def test_members_who_fail_alike_are_told_together() -> None:
    silent = diagnose(Facts(ours=True, seconds=UP))
    message, advice = unreachable_problem({"bob": silent, "alice": silent, "carol": None})
    assert message.startswith("No connection to alice, bob (the network is fine")
    assert "; carol after several tries" in message or "carol; alice, bob" in message
    assert advice == silent.advice


def test_it_is_kept_for_a_bug_report_without_an_address(tmp_path: Path) -> None:
    found = diagnose(Facts(ours=False, seconds=UP, **HERE))
    CallTrace(tmp_path / "trace.jsonl").add(no_connection(found.sentence, found.record, time.time()))
    kept = list(traces.read(tmp_path / "trace.jsonl"))
    text = "\n".join(lines(kept, Style.of(io.StringIO())))
    assert "DTLS got no reply" in text
    assert "host IPv4 private to srflx IPv4: failed" in text
    assert not re.search(r"\d+\.\d+\.\d+\.\d+", text)


async def test_a_peer_whose_dtls_never_comes_is_said_to_be_silent() -> None:
    async with Pair() as pair:
        drop_dtls(pair.other, lambda _: True)
        drop_dtls(pair.ours, lambda _: True)
        await pair.they_offer()
        await until(lambda: pair.ours.stuck_s(time.monotonic()) > 0.3, "ICE is up and DTLS is not")
        found = pair.ours.diagnose()
        assert found
        assert found.cause == "DTLS silent"
        assert found.record["seconds"]["ice up"] >= found.record["seconds"]["ice"]
        assert any("chosen" in one for one in found.record["pairs"])
        assert msgspec.json.encode(found.record)


async def test_a_peer_that_nobody_reaches_is_explained_by_its_addresses() -> None:
    async with Pair() as pair:

        def nowhere(sdp: str) -> str:
            return re.sub(r"(a=candidate:\S+ 1 udp \d+) \S+ \d+", r"\1 192.0.2.77 9", sdp)

        offer = nowhere(await pair.other.offer())
        await pair.ours.answer(offer)
        await until(lambda: pair.ours.diagnose() and pair.ours.diagnose().record["pairs"], "a pair is tried")
        found = pair.ours.diagnose()
        assert found
        assert found.cause == "unreachable"
        assert not re.search(r"192\.0", json.dumps(found.record))


def drop_dtls(side: Any, which: Any) -> None:
    """Lose DTLS datagrams that `side` sends; `which(n)` says whether the n-th is lost."""
    connection = getattr(side, "_connection", None) or side.connection
    seen = 0
    for transport in vars(connection)["_RTCPeerConnection__iceTransports"]:
        ice = transport._connection
        send = ice.send

        async def lossy(data: bytes, send: Any = send) -> None:
            nonlocal seen
            if 20 <= data[0] <= 63:
                seen += 1
                if which(seen):
                    return
            await send(data)

        transport._send = lossy


@pytest.mark.parametrize("they", [True, False])
async def test_on_a_lossy_line_flights_are_sent_again_soon(*, they: bool) -> None:
    async with Pair() as pair:
        for side in (pair.ours, pair.other):
            drop_dtls(side, lambda n: n % 3 == 1)
        await (pair.they_offer() if they else pair.we_offer())
        await pair.connected()
        assert pair.ours.log.facts().handshake.repeated > 0
        await pair.voice()


async def test_a_flight_that_is_answered_is_not_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watched, "AGAIN_S", (0.3, 0.3))
    async with Pair() as pair:
        await pair.they_offer()
        await pair.connected()
        await pair.voice()
        await asyncio.sleep(0.7)
        assert pair.ours.log.facts().handshake.repeated == 0


async def test_a_lite_peer_that_offers_is_checked_by_us() -> None:
    async with Pair() as pair:
        offer = (await pair.other.offer()).replace("a=ice-options", "a=ice-lite\r\na=ice-options")
        if "a=ice-lite" not in offer:
            offer = offer.replace("m=audio", "a=ice-lite\r\nm=audio", 1)
        answer = await pair.ours.answer(offer)
        pair.other.transport.transport._connection.ice_controlling = False
        await pair.other.accept(answer)
        await pair.connected()
        assert pair.ours_ice.ice_controlling
        assert pair.ours_ice.remote_is_lite
