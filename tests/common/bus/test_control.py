"""The bus over real sockets, with the real broker in a process of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import zmq
import zmq.asyncio

from common.bus import AudioPublisher, AudioSubscriber, Bus, Subscription
from common.errors import BadMessageError, BusUnreachableError, PartyError, PartylineError
from common.files.paths import Paths
from common.messages import AudioFrame, AuthState, Levels, Problem, Speaking, WorkerHealth, wire
from common.messages.wire import Received
from common.requests import AccessToken, Done, LeaveParty, Request, Token
from tests.support.processes import Process
from tests.support.waiting import PATIENCE_S, until

Starter = Callable[..., Process]
SIGNED_IN = AuthState(state="signed_in", realm="simulator", account_id="1")


@asynccontextmanager
async def bus(home: Path, name: str) -> AsyncIterator[Bus]:
    made = Bus(name, Paths(home).run)
    await made.start()
    try:
        yield made
    finally:
        await made.close()


async def following(subscription: Subscription, condition: Callable[[Received], object]) -> Received:
    async with asyncio.timeout(PATIENCE_S):
        async for received in subscription:
            if condition(received):
                return received
    raise AssertionError


async def linked(made: Bus) -> None:
    await until(lambda: made.linked, "the broker is connected")


def speaks(number: int) -> Speaking:
    return Speaking(account_id=str(number), platform="PS5", speaking=True, at=1.0)


async def test_a_retained_message_reaches_who_comes_later(home: Path, start: Starter) -> None:
    start("workers.broker", home)
    async with bus(home, "auth") as auth, bus(home, "cli") as cli:
        auth.publish(SIGNED_IN)
        first = await following(cli.subscribe(AuthState), lambda _: True)
        later = await following(cli.subscribe(AuthState), lambda _: True)
        assert first.message == later.message == SIGNED_IN
        assert first.header.sender == "auth"


async def test_what_is_published_before_there_is_a_broker_arrives_when_it_comes(home: Path, start: Starter) -> None:
    async with bus(home, "auth") as auth, bus(home, "cli") as cli:
        seen = cli.subscribe(AuthState, Levels)
        auth.publish(SIGNED_IN)
        auth.publish(Levels(talkers={}, mix=-6.0))
        start("workers.broker", home)
        await following(seen, lambda got: got.message == SIGNED_IN)


async def test_a_subscriber_is_not_told_twice_because_another_one_came(home: Path, start: Starter) -> None:
    start("workers.broker", home)
    async with bus(home, "media") as media, bus(home, "cli") as cli:
        old = cli.subscribe(Speaking)
        media.publish(speaks(1))
        await following(old, lambda got: got.key == "1.PS5")
        await following(cli.subscribe(Speaking), lambda got: got.key == "1.PS5")
        media.publish(speaks(2))
        assert (await following(old, lambda _: True)).key == "2.PS5"


async def test_a_cleared_message_is_gone_for_old_and_new_subscribers(home: Path, start: Starter) -> None:
    start("workers.broker", home)
    async with bus(home, "media") as media, bus(home, "cli") as cli:
        seen = cli.subscribe(Speaking)
        media.publish(speaks(1))
        media.publish(speaks(2))
        await following(seen, lambda got: got.key == "2.PS5")
        media.clear(Speaking, "1.PS5")
        gone = await following(seen, lambda got: got.message is None)
        assert gone.key == "1.PS5"
        assert [got.key for got in await cli.snapshot(Speaking)] == ["2.PS5"]


async def test_kill_9_of_the_broker_costs_no_state_and_no_later_message(home: Path, start: Starter) -> None:
    broker = start("workers.broker", home)
    async with bus(home, "auth") as auth, bus(home, "cli") as cli:
        seen = cli.subscribe(AuthState, Speaking)
        auth.publish(SIGNED_IN)
        await following(seen, lambda got: got.message == SIGNED_IN)
        broker.kill()
        auth.publish(speaks(7))
        start("workers.broker", home)
        await following(seen, lambda got: got.key == "7.PS5")

        async def both() -> bool:
            found = {got.topic for got in await cli.snapshot(AuthState, Speaking)}
            return found == {"auth.state/", "peer.speaking/7.PS5"}

        await until(both, "the new broker has both", every_s=0.05)


async def test_a_lost_link_is_told_and_so_is_its_return(home: Path, start: Starter) -> None:
    broker = start("workers.broker", home)
    async with bus(home, "cli") as cli:
        links = cli.subscribe("").links()
        async with asyncio.timeout(60):
            assert await anext(links)
            broker.kill()
            while await anext(links):
                pass
            start("workers.broker", home)
            while not await anext(links):
                pass
        await links.aclose()


async def test_a_request_is_answered_or_fails_with_its_own_typed_error(home: Path) -> None:
    async with bus(home, "auth") as auth, bus(home, "session") as session:

        async def token(request: AccessToken) -> Token:
            return Token(access_token="t", account_id="1", duid=request.rejected, expires_at=2.0)

        async def leave(_: LeaveParty) -> Done:
            raise PartyError("There is no party.", "Join one first.", reference_id="r-1")

        auth.serve(AccessToken, token)
        session.serve(LeaveParty, leave)
        assert (await session.request(AccessToken(rejected="d"))).duid == "d"
        with pytest.raises(PartyError, match="no party") as caught:
            await auth.request(LeaveParty())
        assert (caught.value.remedy, caught.value.reference_id) == ("Join one first.", "r-1")


async def test_a_request_to_a_worker_that_is_not_there_says_so_in_time(home: Path) -> None:
    async with bus(home, "cli") as cli:
        with pytest.raises(BusUnreachableError, match="session worker did not answer"):
            await cli.request(LeaveParty(), wait_s=0.2)


async def test_a_fault_in_one_handler_is_an_error_for_its_asker_only(home: Path) -> None:
    async with bus(home, "session") as session, bus(home, "cli") as cli:

        async def leave(_: LeaveParty) -> Done:
            raise ZeroDivisionError

        session.serve(LeaveParty, leave)
        for _ in range(2):
            with pytest.raises(PartylineError, match="unexpected fault: ZeroDivisionError"):
                await cli.request(LeaveParty())


class Unknown(Request[Done], frozen=True):
    WORKER = "session"
    REPLY = Done


async def test_malformed_and_unknown_requests_are_refused_and_the_worker_lives(home: Path) -> None:
    async with bus(home, "session") as session, bus(home, "cli") as cli:

        async def leave(_: LeaveParty) -> Done:
            return Done(message="left")

        session.serve(LeaveParty, leave)
        with pytest.raises(BadMessageError, match="Unknown"):
            await cli.request(Unknown())
        context = zmq.asyncio.Context()
        for frames in ([b""], [b"LeaveParty"], [b"LeaveParty", b"\xff", b"\xc1"], [b"\xff" * 99] * 7):
            raw = context.socket(zmq.DEALER)
            raw.connect(f"ipc://{Paths(home).run}/session.sock")
            await raw.send_multipart(frames)
            async with asyncio.timeout(PATIENCE_S):
                assert (await raw.recv_multipart())[0] == b"error"
            raw.close(linger=0)
        context.term()
        assert (await cli.request(LeaveParty())).message == "left"


async def test_bad_messages_stop_at_the_broker_counted_and_said(home: Path, start: Starter) -> None:
    start("workers.broker", home)
    async with bus(home, "cli") as cli:
        seen = cli.subscribe(Problem, WorkerHealth, "nonsense")
        await following(seen, lambda got: got.key == "broker")
        context = zmq.asyncio.Context()
        raw = context.socket(zmq.PUB)
        raw.connect(f"ipc://{Paths(home).run}/bus-in.sock")
        sender = asyncio.create_task(_flood(raw))
        problem = await following(seen, lambda got: isinstance(got.message, Problem))
        sender.cancel()
        raw.close(linger=0)
        context.term()
        assert problem.key == "broker.broker.bad-message"
        await following(seen, lambda got: got.key == "broker" and isinstance(got.message, WorkerHealth))


async def _flood(raw: zmq.asyncio.Socket) -> None:
    while True:
        await raw.send_multipart([b"nonsense/1", b"\xc1", b"\xff" * 100])
        await raw.send_multipart([b"auth.state/"])
        await asyncio.sleep(0.01)


async def test_a_bad_message_that_reaches_a_subscriber_is_counted_and_skipped(home: Path) -> None:
    context = zmq.asyncio.Context()
    raw = context.socket(zmq.XPUB)
    raw.bind(f"ipc://{Paths(home).run}/bus-out.sock")
    async with bus(home, "cli") as cli:
        seen = cli.subscribe(AuthState)
        await raw.recv()
        await raw.send_multipart([b"auth.state/", b"\xc1", b"\x80"])
        header = wire.Header(sender="cli", boot="b", seq=1, at=1.0)
        await raw.send_multipart(wire.encode(SIGNED_IN, header))
        assert (await following(seen, lambda _: True)).message == SIGNED_IN
        assert seen.bad == 1
    raw.close(linger=0)
    context.term()


def test_the_audio_plane_carries_one_talker_or_all(home: Path) -> None:
    run = Paths(home).run
    publisher = AudioPublisher(run)
    everyone, one = AudioSubscriber(run), AudioSubscriber(run, peer="2.PS5")
    heard_by_all: set[str] = set()
    heard_by_one: set[str] = set()
    for tick in range(3000):
        for peer in ("1.PS5", "2.PS5"):
            publisher.send(AudioFrame(peer=peer, boot="b", tick=tick, tick_ns=tick), bytes(960))
        heard_by_all |= {frame.peer for frame, samples in everyone.receive(5) if len(samples) == 960}
        heard_by_one |= {frame.peer for frame, _ in one.receive(5)}
        if heard_by_one and len(heard_by_all) == 2:
            break
    assert (heard_by_all, heard_by_one) == ({"1.PS5", "2.PS5"}, {"2.PS5"})
    for socket in (everyone, one, publisher):
        socket.close()


async def test_a_snapshot_of_which_the_broker_holds_nothing_is_answered_with_nothing(home: Path, start) -> None:
    start("workers.broker", home)
    bus = Bus("cli", Paths(home).run)
    assert await bus.snapshot("no.such.topic/", wait_s=PATIENCE_S) == []
    await bus.close()
