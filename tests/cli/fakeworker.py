"""Stand-ins for the workers, with a real worker's life: `python -m tests.cli.fakeworker media`."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
import time
from typing import Any, ClassVar

import msgspec

from common.bus import AudioPublisher
from common.config.settings import load
from common.errors import PartyError, SignInError
from common.files.paths import Paths, write_atomically
from common.messages import (
    AudioFrame,
    AuthState,
    Devices,
    Member,
    MixerState,
    MixerTalker,
    OutputDevice,
    PartyState,
    PeerSignal,
    PeerState,
    PushState,
    Speaking,
)
from common.requests import (
    Done,
    JoinParty,
    LeaveParty,
    ListParties,
    Parties,
    PartySummary,
    SelectDevice,
    SetGain,
    SetMaster,
    SetMute,
    SetSolo,
    SignIn,
    SignInInfo,
    SignOut,
    WhoAmI,
)
from common.run.process import main
from common.run.worker import Worker

ME = Member(account_id="1", platform="MOBILE_APP", online_id="Ava-Demo", is_me=True)
BO = Member(account_id="2", platform="PS5", online_id="Bo-Streams", is_host=True)
CLEO = Member(account_id="3", platform="MOBILE_APP", online_id="Cleo_99", muted=True)
SESSION = "11111111-2222-3333-4444-555555555555"
GOOD_NPSSO = "N" * 63 + "1"
SAMPLE = (1000).to_bytes(2, "little", signed=True)
SDP = (
    "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 96\r\na=ice-pwd:verysecretpassword\r\na=setup:actpass\r\n"
    "a=rtpmap:96 opus/16000/2\r\n"
)


class FakeAuth(Worker):
    """Keeps the real realm's sign-in in a file, as the real one does."""

    name: ClassVar[str] = "auth"

    async def run(self) -> None:
        self._file = self.paths.home / "signed-in"
        self.bus.serve(SignIn, self._sign_in)
        self.bus.serve(SignOut, self._sign_out)
        self.bus.serve(WhoAmI, self._who_am_i)
        self.bus.publish(self._state())
        self.set_health("running")
        await self.stopping.wait()

    def _state(self, realm: Any = "") -> AuthState:
        realm = realm or self.settings.psn.realm
        if realm == "simulator":
            return AuthState(state="signed_in", realm=realm, account_id="1", online_id="Ava-Demo")
        if not self._file.exists():
            return AuthState(state="signed_out", realm=realm)
        end = time.time() + 60 * 86400
        return AuthState(state="signed_in", realm=realm, account_id="9", online_id="Real-Ava", refresh_expires_at=end)

    async def _sign_in(self, request: SignIn) -> AuthState:
        if request.pasted != GOOD_NPSSO:
            raise SignInError("PlayStation did not accept that NPSSO.", "Copy it anew from the page.")
        self._file.touch()
        self.bus.publish(self._state())
        return self._state(request.realm)

    async def _sign_out(self, _: SignOut) -> Done:
        self._file.unlink(missing_ok=True)
        self.bus.publish(self._state())
        return Done()

    async def _who_am_i(self, _: WhoAmI) -> SignInInfo:
        return SignInInfo(auth=self._state(), store="keychain")


class FakeSession(Worker):
    name: ClassVar[str] = "session"
    unheard_of = "nowhere"

    async def run(self) -> None:
        self.bus.serve(ListParties, self._list)
        self.bus.serve(JoinParty, self._join)
        self.bus.serve(LeaveParty, self._leave)
        if self.settings.psn.realm == "simulator":
            self.bus.publish(self._state())
        self.set_health("running")
        await self.stopping.wait()

    async def stop(self) -> None:
        (self.paths.home / "left").write_text("the party was left")

    @staticmethod
    def _state() -> PartyState:
        return PartyState(
            phase="joined",
            session_id=SESSION,
            name="Friday raid",
            me=ME.peer,
            joined_at=time.time(),
            members=(ME, BO, CLEO),
        )

    async def _list(self, _: ListParties) -> Parties:
        return Parties(
            parties=(PartySummary(session_id=SESSION, name="Friday raid", owner="Bo-Streams", members=(BO, CLEO)),)
        )

    async def _join(self, request: JoinParty) -> PartyState:
        if request.target == self.unheard_of:
            raise PartyError("There is no such party.", "Ask for a new link.", reference_id="ref-1")
        state = self._state()
        self.bus.publish(state)
        return state

    async def _leave(self, _: LeaveParty) -> Done:
        self.bus.publish(PartyState(phase="none"))
        return Done(message="Left the party.")


class FakeMedia(Worker):
    name: ClassVar[str] = "media"

    async def run(self) -> None:
        frames = asyncio.create_task(self._frames())
        self.bus.publish(PeerSignal(direction="in", account_id="2", platform="PS5", kind="offer", sdp=SDP, sequence=1))
        self.bus.publish(
            Speaking(account_id="2", platform="PS5", online_id="Bo-Streams", speaking=True, at=time.time())
        )
        self.set_health("running")
        began = time.monotonic()
        while not self.stopping.is_set():
            heard = time.monotonic() - began
            self.bus.publish(self._peer("2", "PS5", "Bo-Streams", heard))
            self.bus.publish(self._peer("3", "MOBILE_APP", "Cleo_99", 0.0))
            await asyncio.sleep(0.2)
        frames.cancel()

    @staticmethod
    def _peer(account_id: str, platform: str, online_id: str, heard_s: float) -> PeerState:
        return PeerState(
            account_id=account_id,
            platform=platform,
            online_id=online_id,
            connection="connected",
            codec="opus/16000",
            heard_s=heard_s,
            packets=int(heard_s * 25),
            frames=int(heard_s * 100),
            concealed_frames=int(heard_s),
            delay_ms=41.0,
            target_delay_ms=40.0,
        )

    async def _frames(self) -> None:
        publisher = AudioPublisher(self.paths.run)
        for tick in range(10**9):
            if tick % 10 != 3:  # every tenth frame is never sent
                frame = AudioFrame(peer=BO.peer, boot=self.bus.boot, tick=tick, tick_ns=time.monotonic_ns())
                publisher.send(frame, SAMPLE * 480)
            await asyncio.sleep(0.01)


class FakeAudio(Worker):
    name: ClassVar[str] = "audio"

    async def run(self) -> None:
        self._gain: dict[str, float] = {}
        self._muted: dict[str, bool] = {}
        self.bus.serve(SetGain, self._set_gain)
        self.bus.serve(SetMute, self._set_mute)
        self._solo: set[str] = set()
        self._master: dict[str, Any] = {}
        self.bus.serve(SetSolo, self._set_solo)
        self.bus.serve(SetMaster, self._set_master)
        self._devices = Devices(
            devices=(
                OutputDevice(name="Speakers", channels=2, is_default=True),
                OutputDevice(name="BlackHole 16ch", channels=16),
            ),
            current="Speakers",
        )
        self.bus.publish(self._devices)
        self.bus.serve(SelectDevice, self._select_device)
        self.publish_problem("audio.no-device", "There is no sound device.", "Plug one in.", severity="warning")
        self.set_health("degraded", "no sound device")
        while not self.stopping.is_set():
            self._tell()
            await asyncio.sleep(0.2)

    def _tell(self) -> None:
        talker = MixerTalker(
            peer=BO.peer,
            gain_db=self._gain.get(BO.peer, 0.0),
            muted=self._muted.get(BO.peer, False),
            solo=BO.peer in self._solo,
            age_ms=60.0,
        )
        self.bus.publish(
            MixerState(
                sink="null", wanted_sink="device", where="nowhere", latency_ms=5.0, talkers=(talker,), **self._master
            )
        )

    async def _set_gain(self, request: SetGain) -> Done:
        self._gain[request.peer] = request.gain_db
        self._tell()
        return Done()

    async def _set_mute(self, request: SetMute) -> Done:
        self._muted[request.peer] = request.muted
        self._tell()
        return Done()

    async def _set_solo(self, request: SetSolo) -> Done:
        (self._solo.add if request.solo else self._solo.discard)(request.peer)
        self._tell()
        return Done()

    async def _set_master(self, request: SetMaster) -> Done:
        chosen = msgspec.structs.asdict(request)
        self._master.update({name: value for name, value in chosen.items() if value is not None})
        self._tell()
        return Done()

    async def _select_device(self, request: SelectDevice) -> Devices:
        name = "BlackHole 16ch" if request.name else "Speakers"
        self._devices = msgspec.structs.replace(self._devices, wanted=request.name and name, current=name)
        self.bus.publish(self._devices)
        return self._devices


class FakeSignaling(Worker):
    name: ClassVar[str] = "signaling"

    async def run(self) -> None:
        self.bus.publish(PushState(connected=True, protocol="3.0", host="127.0.0.1", epoch="e", since=time.time()))
        self.set_health("running")
        await self.stopping.wait()


def simulator() -> None:
    """As the real one: no heartbeat, a file that says where it is, and nothing to do in the other realm."""
    paths = Paths.of_environment()
    if load(paths).psn.realm == "playstation":
        return
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    write_atomically(paths.simulator_file, b"{}")
    parent = os.getppid()
    while not stopping.wait(0.5) and os.getppid() == parent:
        pass
    paths.simulator_file.unlink()


class Crash(Worker):
    """Never comes up."""

    name: ClassVar[str] = "crash"

    async def run(self) -> None:
        os._exit(3)


WORKERS: dict[str, Any] = {cls.name: cls for cls in (FakeAuth, FakeSession, FakeMedia, FakeAudio, FakeSignaling, Crash)}

if __name__ == "__main__":
    if sys.argv[1] == "simulator":
        simulator()
        sys.exit()
    main(WORKERS[sys.argv[1]])
