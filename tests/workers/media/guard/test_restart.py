"""An ICE restart: the other side keeps its DTLS association, and is heard on the new addresses with it."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest
from aiortc import RTCIceGatherer, RTCIceParameters, RTCIceTransport
from aiortc.sdp import SessionDescription, candidate_to_sdp

from common.psn.sdp import audio_of, from_sony, parse
from tests.support.waiting import until
from tests.workers.media.guard.peers import Listening, Other, Pair
from workers.media.peers.peer import Peer
from workers.media.peers.silent_track import silent_packet


class Restarting:
    """The other side's new ICE agent, under the DTLS transport that it has."""

    def __init__(self, other: Other) -> None:
        self.dtls = other.transport
        self.gatherer = RTCIceGatherer(iceServers=[])
        self.ice: Any = RTCIceTransport(self.gatherer)
        self.old = self.dtls.transport
        self.pump: asyncio.Task[None] | None = None

    async def offer(self, before: str) -> str:
        await self.gatherer.gather()
        mine = self.gatherer.getLocalParameters()
        text = re.sub(r"a=ice-ufrag:\S+", f"a=ice-ufrag:{mine.usernameFragment}", before)
        text = re.sub(r"a=ice-pwd:\S+", f"a=ice-pwd:{mine.password}", text)
        lines = [line for line in text.split("\r\n") if not line.startswith(("a=candidate", "a=end-of-candidates"))]
        at = next(n for n, line in enumerate(lines) if line.startswith("a=ice-ufrag"))
        found = [f"a=candidate:{candidate_to_sdp(one)}" for one in self.gatherer.getLocalCandidates()]
        return "\r\n".join([*lines[:at], *found, *lines[at:]])

    async def accept(self, answer: str) -> None:
        there = SessionDescription.parse(from_sony(answer, "answer")).media[0]
        for candidate in there.ice_candidates:
            await self.ice.addRemoteCandidate(candidate)
        await self.ice.addRemoteCandidate(None)
        self.ice._connection.ice_controlling = True
        await self.ice.start(RTCIceParameters(there.ice.usernameFragment, there.ice.password))
        assert self.ice.state == "completed"
        self.old._send = self.ice._send
        self.pump = asyncio.create_task(self._pump())

    async def _pump(self) -> None:
        while True:
            self.old._connection._queue.put_nowait((await self.ice._recv(), 1))

    async def close(self) -> None:
        if self.pump:
            self.pump.cancel()
        await self.ice.stop()


@pytest.mark.parametrize("they", [True, False])
async def test_a_stack_that_keeps_its_association_goes_on_being_heard(*, they: bool) -> None:
    async with Pair() as pair:
        first = ""
        if they:
            first = await pair.other.offer()
            await pair.other.accept(await pair.ours.answer(first))
        else:
            await pair.we_offer()
            first = pair.other.connection.localDescription.sdp
        await pair.connected()
        await pair.voice()
        restarting = Restarting(pair.other)
        offer = await restarting.offer(first.replace("a=setup:active", "a=setup:actpass"))
        assert pair.ours.continues(offer)
        assert not pair.ours.continues(first.replace("a=setup:active", "a=setup:actpass"))
        events = Listening()
        heard = events.heard
        again = Peer(events, silent_packet(), pair.ours)
        try:
            answer = await again.answer(offer)
            mine, before = audio_of(parse(answer)), pair.ours._connection.localDescription.sdp
            assert mine.fingerprints[0][1] in before
            assert " generation 1 " in answer
            assert " generation 0 " not in answer, "of the candidates before the restart"
            assert mine.first("setup") == ("active" if they else "passive")
            await restarting.accept(answer)
            await until(lambda: again.state == "connected" and len(heard) > 10, "the voice goes on over the new way")
            assert again.log.facts().handshake.continued
            assert again.log.facts().handshake.sent == 0, "a ClientHello makes some stacks drop their keys"
            assert pair.ours.state == "connected"
            await pair.ours.close()
            before_end = len(heard)
            await until(lambda: len(heard) > before_end + 10, "the end of the former connection ends nothing else")
            assert pair.other.transport.state == again.state == "connected"
        finally:
            await asyncio.gather(again.close(), restarting.close())


async def test_a_new_connection_with_the_same_certificate_has_a_handshake_of_its_own() -> None:
    async with Pair() as pair:
        await pair.they_offer()
        await pair.connected()
        second = Other()
        own = vars(pair.other.connection)["_RTCPeerConnection__certificates"]
        vars(second.connection)["_RTCPeerConnection__certificates"][:] = own
        vars(second.transport)["_RTCDtlsTransport__local_certificate"] = own[0]
        events = Listening()
        heard = events.heard
        offer = await second.offer()
        assert pair.ours.continues(offer)
        again = Peer(events, silent_packet(), pair.ours)
        try:
            await second.accept(await again.answer(offer))
            await until(lambda: again.state == "connected" and len(heard) > 3, "it is heard")
            assert not again.log.facts().handshake.continued
            assert pair.ours.state == "connected"
        finally:
            await asyncio.gather(again.close(), second.close())
