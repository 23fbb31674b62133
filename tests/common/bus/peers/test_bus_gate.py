"""The gate with a real broker: what a paired machine sees and may do, and that nobody else gets in."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Iterator

import pytest
import zmq
import zmq.asyncio

from common.bus import AudioPublisher, AudioSubscriber, Bus
from common.bus.peers.bus_gate import BusGate
from common.bus.peers.contract import GateAbout
from common.bus.peers.curve import CurveKeys
from common.bus.peers.far_site import FarSite
from common.bus.peers.keyring import Keyring, PairedMachine
from common.bus.sockets import ABOUT, DOCTOR
from common.errors import BusError, BusUnreachableError, PartyError, PartylineError
from common.files.paths import Paths
from common.messages import AudioFrame, AuthState, PeerSignal, Speaking, WorkerHealth, wire
from common.messages.wire import Received
from common.requests import AccessToken, Done, LeaveParty, SetMute, SignIn
from tests.common.bus.test_control import Starter, bus, linked, speaks
from tests.support.processes import free_port
from tests.support.waiting import until

SIGNED_IN = AuthState(state="signed_in", realm="simulator", account_id="1")
SPARE, DESK, EARS, STRANGER = (CurveKeys.new() for _ in range(4))
SOFA = CurveKeys.new()
KEYRING = Keyring(own=SPARE, peers=(
    PairedMachine(name="sofa", public=SOFA.public, right="control", may_sign_in=True, met_at=0.0),
    PairedMachine(name="desk", public=DESK.public, right="control", met_at=0.0),
    PairedMachine(name="ears", public=EARS.public, right="listen", met_at=0.0),
    PairedMachine(name="server", public=STRANGER.public, met_at=0.0),
))  # fmt: skip
OFFER = PeerSignal(direction="in", account_id="2", platform="PS5", kind="offer", sdp="a=ice-pwd:not for others")


class StandInServices:
    """What a gate does itself."""

    def __init__(self) -> None:
        self.signed_in: list[tuple[str, str]] = []

    def about(self, peer: PairedMachine) -> GateAbout:
        return GateAbout(name="spare", version="1", right=peer.right, may_sign_in=peer.may_sign_in)

    async def doctor(self) -> bytes:
        return b"{}"

    async def account(self, peer: PairedMachine, request: str, body: bytes) -> list[bytes] | None:
        if request != "SignIn":
            return None
        self.signed_in.append((peer.name, wire.unpack(body, SignIn).pasted))
        return [b"ok", wire.pack(SIGNED_IN)]


SERVICES = StandInServices()


class Opened:
    """A gate before a real broker, with workers that the test plays."""

    def __init__(self, home: object, port: int, gate: BusGate, serving: asyncio.Task[None]) -> None:
        self.run = Paths(home).run  # type: ignore[arg-type]
        self.gate = gate
        self.serving = serving
        self.services = SERVICES
        self.address = f"127.0.0.1:{port}"

    def site(self, keys: CurveKeys, server: str = SPARE.public) -> FarSite:
        return FarSite(self.address, keys, server)

    @contextlib.asynccontextmanager
    async def bus(self, keys: CurveKeys) -> AsyncIterator[Bus]:
        made = Bus("cli", self.site(keys))
        try:
            yield made
        finally:
            await made.close()


@pytest.fixture
async def opened(home: object, start: Starter) -> AsyncIterator[Opened]:
    start("workers.broker", home)
    port = free_port()
    SERVICES.signed_in.clear()
    run = Paths(home).run  # type: ignore[arg-type]
    gate = BusGate(run, lambda: KEYRING, "127.0.0.1", port, services=SERVICES)
    serving = asyncio.create_task(gate.run())
    yield Opened(home, port, gate, serving)
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)


async def first(subscription: AsyncIterator[Received]) -> Received:
    """Return the next message that is no heartbeat."""
    async with asyncio.timeout(30):
        while isinstance((received := await anext(subscription)).message, WorkerHealth):
            pass
    return received


async def test_a_paired_machine_sees_what_is_retained_and_what_comes(opened: Opened, home: object) -> None:
    async with bus(home, "auth") as auth, opened.bus(EARS) as far:  # type: ignore[arg-type]
        await linked(auth)
        auth.publish(SIGNED_IN)
        state = far.subscribe(AuthState, Speaking)
        assert (await first(state)).message == SIGNED_IN
        auth.publish(speaks(7))
        assert (await first(state)).message == speaks(7)
        assert (await first(far.subscribe(AuthState))).message == SIGNED_IN
        (found,) = await far.snapshot(AuthState)
        assert found.message == SIGNED_IN


async def test_offers_and_answers_do_not_leave_the_machine(opened: Opened, home: object) -> None:
    async with bus(home, "signaling") as signaling, opened.bus(DESK) as far:  # type: ignore[arg-type]
        await linked(signaling)
        everything, offers = far.subscribe(""), far.subscribe(PeerSignal)
        signaling.publish(SIGNED_IN)
        assert (await first(everything)).message == SIGNED_IN
        signaling.publish(OFFER)
        signaling.publish(speaks(3))
        assert (await first(everything)).message == speaks(3)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await anext(offers)
        assert {type(found.message) for found in await far.snapshot()} - {WorkerHealth} == {AuthState, Speaking}


async def test_requests_by_right(opened: Opened, home: object) -> None:
    asked: list[object] = []

    async def mute(request: SetMute) -> Done:
        asked.append(request)
        return Done()

    async def leave(_: LeaveParty) -> Done:
        raise PartyError("Not now.", "Later.")

    async def token(_: AccessToken) -> Done:
        asked.append("a secret")
        return Done()

    wanted = SetMute(peer="2.PS5", muted=True)
    async with contextlib.AsyncExitStack() as stack:
        workers = {name: await stack.enter_async_context(bus(home, name)) for name in ("audio", "session", "auth")}  # type: ignore[arg-type]
        workers["audio"].serve(SetMute, mute)
        workers["session"].serve(LeaveParty, leave)
        workers["auth"].serve(AccessToken, token)
        desk, ears = [await stack.enter_async_context(opened.bus(keys)) for keys in (DESK, EARS)]
        await desk.request(wanted, 30)
        assert asked == [wanted]
        with pytest.raises(PartyError, match="Not now"):
            await desk.request(LeaveParty(), 30)
        for far, request in ((ears, wanted), (desk, AccessToken())):
            with pytest.raises(PartylineError) as refused:
                await far.request(request, 30)
            assert refused.value.code == "peers.not-allowed"
        assert asked == [wanted]


async def test_a_sign_in_is_the_gates_own_and_for_who_may_only(opened: Opened) -> None:
    async with contextlib.AsyncExitStack() as stack:
        sofa, desk, ears = [await stack.enter_async_context(opened.bus(keys)) for keys in (SOFA, DESK, EARS)]
        assert await sofa.request(SignIn(pasted="n"), 30) == SIGNED_IN
        for far in (desk, ears):
            with pytest.raises(PartylineError) as refused:
                await far.request(SignIn(pasted="n"), 30)
            assert refused.value.code == "peers.not-allowed"
    assert opened.services.signed_in == [("sofa", "n")]


async def test_a_gate_says_what_it_is_and_runs_the_doctor_for_who_may_control(opened: Opened) -> None:
    async with contextlib.AsyncExitStack() as stack:
        sofa, ears = [await stack.enter_async_context(opened.bus(keys)) for keys in (SOFA, EARS)]
        (packed,) = await sofa.ask_gate(ABOUT, 30)
        assert wire.unpack(packed, GateAbout) == GateAbout(name="spare", version="1", right="control", may_sign_in=True)
        assert await sofa.ask_gate(DOCTOR, 30) == [b"{}"]
        for question in (DOCTOR, b"secrets"):
            with pytest.raises(PartylineError) as refused:
                await ears.ask_gate(question, 30)
            assert refused.value.code == "peers.not-allowed"


async def test_nobody_else_gets_further_than_the_handshake(opened: Opened, home: object) -> None:
    async with bus(home, "auth") as auth:  # type: ignore[arg-type]
        await linked(auth)
        auth.publish(SIGNED_IN)
        for keys in (STRANGER, CurveKeys.new()):
            async with opened.bus(keys) as far:
                with pytest.raises(BusUnreachableError):
                    await far.snapshot(AuthState, wait_s=0.5)
        await until(lambda: opened.gate.keeper.refused >= 2, "they were refused")
        async with contextlib.AsyncExitStack() as stack:  # a gate that is not the one whose key we know
            site = opened.site(DESK, server=STRANGER.public)
            far = Bus("cli", site)
            stack.push_async_callback(far.close)
            with pytest.raises(BusUnreachableError):
                await far.snapshot(AuthState, wait_s=0.5)


async def test_a_socket_without_curve_is_told_nothing(opened: Opened) -> None:
    context = zmq.asyncio.Context()
    plain = context.socket(zmq.DEALER)
    plain.connect(f"tcp://{opened.address}")
    await plain.send_multipart([b"broker", b"snapshot", b""])
    assert not await plain.poll(500)
    context.destroy(linger=0)


@pytest.mark.parametrize("frames", [[b""], [b"broker"], [b"audio", b"SetMute"], [b"\xff", b"\xff", b"", b""],
                                    [b"audio", b"SetMute", b"", b"", b""]])  # fmt: skip
async def test_what_is_no_request_is_answered_as_such(opened: Opened, frames: list[bytes]) -> None:
    context = zmq.asyncio.Context()
    asking = context.socket(zmq.DEALER)
    opened.site(DESK).connect(asking, "audio")
    await asking.send_multipart(frames)
    async with asyncio.timeout(30):
        assert (await asking.recv_multipart())[0] == b"error"
    context.destroy(linger=0)


async def test_voices_are_carried_while_somebody_wants_them(opened: Opened) -> None:
    frame = AudioFrame(peer="2.PS5", boot="b", tick=1, tick_ns=1)
    publisher = AudioPublisher(opened.run)
    stop = threading.Event()

    def speak() -> None:
        while not stop.wait(0.01):
            publisher.send(frame, bytes(960))

    speaking = threading.Thread(target=speak)
    speaking.start()
    try:
        subscriber = AudioSubscriber(opened.site(EARS), peer="2.PS5")
        (found, samples) = await asyncio.to_thread(lambda: next(iter(_heard(subscriber))))
        assert (found, len(samples)) == (frame, 960)
        subscriber.close()
    finally:
        stop.set()
        speaking.join()
        publisher.close()


async def test_who_hangs_up_ends_nothing_for_the_others(opened: Opened, home: object) -> None:
    """ZeroMQ gives the unsubscriptions of a connection that ended without the name of its machine."""
    async with bus(home, "auth") as auth, opened.bus(DESK) as stays:  # type: ignore[arg-type]
        await linked(auth)
        auth.publish(SIGNED_IN)
        state = stays.subscribe(AuthState, Speaking)
        assert (await first(state)).message == SIGNED_IN
        async with opened.bus(EARS) as leaves:
            assert (await first(leaves.subscribe(AuthState))).message == SIGNED_IN
        voices = AudioSubscriber(opened.site(EARS))
        await asyncio.to_thread(lambda: list(voices.receive(300)))
        voices.close()
        await asyncio.sleep(0.2)  # until the gate has read it
        assert not opened.serving.done()
        auth.publish(speaks(7))
        assert (await first(state)).message == speaks(7)


def _heard(subscriber: AudioSubscriber) -> Iterator[tuple[AudioFrame, bytes]]:
    for _ in range(300):
        yield from subscriber.receive(100)


async def test_a_port_that_is_taken_is_said(opened: Opened) -> None:
    port = int(opened.address.rpartition(":")[2])
    with pytest.raises(BusError, match=str(port)) as refused:
        BusGate(opened.run, lambda: KEYRING, "127.0.0.1", port)
    assert "[peers] port" in refused.value.remedy
