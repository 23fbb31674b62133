"""Stand-ins for the workers, with a real worker's life: `python -m tests.cli.fakeworker media`.

tests/contract runs the same contract against these and the real ones.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
import time
from typing import Any, ClassVar

import msgspec

from common.basic.clock import boot_s
from common.basic.values import SinkKind
from common.bus import AudioPublisher
from common.config.settings import load
from common.errors import PartyError, PartylineError, SignInError
from common.files.paths import Paths, write_atomically
from common.messages import (
    AudioFrame,
    AuthState,
    Devices,
    Following,
    Invitations,
    Member,
    MixerState,
    MixerTalker,
    OutputDevice,
    PartyState,
    PeerSignal,
    PeerState,
    PlayoutDelay,
    PushState,
    Speaking,
    TalkerProcessing,
)
from common.psn.http.endpoints import SimulatorInfo
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
    SetOwnMember,
    SetSolo,
    SetTalkerProcessing,
    SignIn,
    SignInInfo,
    SignOut,
    WhoAmI,
)
from common.run import runner
from common.run.process import main
from common.run.worker import Worker
from tests.support.made import BO, CLEO, party, peer_state, signed_in
from tests.support.waiting import until

LINK_ID_CHARS = 22
NOWHERE = "http://127.0.0.1:1"
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
        self.facts = {"calls": "0"}
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
            return signed_in(realm=realm)
        if not self._file.exists():
            return AuthState(state="signed_out", realm=realm, detail="Sign in: `partyline login`.")
        begun = self._file.stat().st_mtime
        ends = {"access_expires_at": begun + 3600, "refresh_expires_at": begun + 60 * 86400}
        return signed_in(realm=realm, account_id="9", online_id="Real-Ava", **ends)

    async def _sign_in(self, request: SignIn) -> AuthState:
        if request.pasted != GOOD_NPSSO:
            raise SignInError("PlayStation did not accept that NPSSO.", "Copy it again from the page.")
        self._file.touch()
        self.bus.publish(self._state())
        return self._state(request.realm)

    async def _sign_out(self, _: SignOut) -> Done:
        self._file.unlink(missing_ok=True)
        self.bus.publish(self._state())
        return Done(message="Signed out.")

    async def _who_am_i(self, _: WhoAmI) -> SignInInfo:
        state = self._state()
        return SignInInfo(auth=state, store="" if state.state == "signed_out" else "keychain")


STAYS = "stays"
"""While a file of this name is in the home, the session does not end, for as long as it may."""
STAYS_S = 60.0
"""As long as that: a worker's 4.5 s are over before the next command of a busy machine looks."""


class FakeSession(Worker):
    name: ClassVar[str] = "session"

    async def run(self) -> None:
        self.facts = {"calls": "0"}
        self.bus.serve(ListParties, self._list)
        self.bus.serve(JoinParty, self._join)
        self.bus.serve(LeaveParty, self._leave)
        self._state = PartyState(phase="none")
        self._publish(self._joined() if self.settings.psn.realm == "simulator" else self._state)
        self.bus.publish(Invitations())
        self.bus.publish(Following())
        self.set_health("running")
        await self.stopping.wait()

    async def stop(self) -> None:
        await until(lambda: not (self.paths.home / STAYS).exists(), "the test lets it go")
        (self.paths.home / "left").write_text("the party was left")

    @staticmethod
    def _joined() -> PartyState:
        return party(session_id=SESSION, joined_at=time.time(), joined_s=boot_s())

    def _publish(self, state: PartyState) -> PartyState:
        self._state = state
        self.bus.publish(state)
        return state

    async def _list(self, _: ListParties) -> Parties:
        return Parties(
            parties=(PartySummary(session_id=SESSION, name="Friday raid", owner="Bo-Streams", members=(BO, CLEO)),)
        )

    async def _join(self, request: JoinParty) -> PartyState:
        if request.target not in ("", SESSION) and len(request.target) != LINK_ID_CHARS:
            raise PartyError("There is no such party.", "Ask for a new link.", reference_id="ref-1")
        return self._publish(self._joined())

    async def _leave(self, _: LeaveParty) -> Done:
        if self._state.phase == "none":
            return Done(message="There was no party to leave.")
        self._publish(PartyState(phase="none", reason="Left the party.", end="left"))
        return Done(message="Left the party.")


class FakeMedia(Worker):
    name: ClassVar[str] = "media"

    async def run(self) -> None:
        self.facts = {"libopus": "1.5"}
        frames = asyncio.create_task(self._frames())
        self.bus.publish(PeerSignal(direction="in", account_id="2", platform="PS5", kind="offer", sdp=SDP, sequence=1))
        self.bus.publish(
            Speaking(account_id="2", platform="PS5", online_id="Bo-Streams", speaking=True, at=time.time())
        )
        self.bus.publish(PlayoutDelay(latency="balanced"))
        self.set_health("running")
        began = time.monotonic()
        while not self.stopping.is_set():
            heard = time.monotonic() - began
            self.bus.publish(self._peer(BO, heard))
            self.bus.publish(self._peer(CLEO, 0.0))
            await asyncio.sleep(0.2)
        frames.cancel()

    @staticmethod
    def _peer(who: Member, heard_s: float) -> PeerState:
        return peer_state(
            who,
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
        self._own = ""
        self.bus.serve(SetOwnMember, self._set_own_member)
        self._master: dict[str, Any] = {}
        self.bus.serve(SetSolo, self._set_solo)
        self._processing: dict[str, TalkerProcessing] = {}
        self.bus.serve(SetTalkerProcessing, self._set_talker_processing)
        self.bus.serve(SetMaster, self._set_master)
        self._devices = Devices(
            devices=(
                OutputDevice(name="Speakers", channels=2, is_default=True),
                OutputDevice(name="BlackHole 16ch", channels=16),
            ),
        )
        self._playing: SinkKind = "null"
        self.bus.publish(self._devices)
        self.bus.serve(SelectDevice, self._select_device)
        self.publish_problem("audio.no-device", "There is no sound device.", "Plug one in.", severity="warning")
        self.set_health("degraded", "no sound device")
        while not self.stopping.is_set():
            self._tell()
            await asyncio.sleep(0.2)

    def _tell(self) -> None:
        from workers.audio.sinks import where  # noqa: PLC0415  # loads numpy, which only this one needs

        target = self._devices.current
        talker = MixerTalker(
            peer=BO.peer,
            gain_db=self._gain.get(BO.peer, 0.0),
            muted=self._muted.get(BO.peer, False),
            solo=BO.peer in self._solo,
            processing=self._processing.get(BO.peer, TalkerProcessing()),
            age_ms=60.0,
        )
        self.bus.publish(
            MixerState(
                sink=self._playing,
                wanted_sink="device",
                target=target,
                where=where(self._playing, "device", target),
                latency_ms=5.0,
                solo=talker.solo,
                own_account=self._own,
                talkers=(talker,),
                **self._master,
            )
        )

    async def _set_gain(self, request: SetGain) -> Done:
        self._gain[request.peer] = request.gain_db
        self._tell()
        return Done(message=f"{request.peer}: {request.gain_db:+g} dB")

    async def _set_mute(self, request: SetMute) -> Done:
        self._muted[request.peer] = request.muted
        self._tell()
        return Done(message=f"{request.peer}: {'muted' if request.muted else 'not muted'}")

    async def _set_own_member(self, request: SetOwnMember) -> Done:
        if self._own != request.account_id:
            self._muted[BO.peer] = request.account_id == BO.account_id
        self._own = request.account_id
        self._tell()
        return Done(message=f"{self._own} is your own account." if self._own else "No account is your own.")

    async def _set_solo(self, request: SetSolo) -> Done:
        (self._solo.add if request.solo else self._solo.discard)(request.peer)
        self._tell()
        return Done(message=f"{request.peer}: {'solo' if request.solo else 'not solo'}")

    async def _set_talker_processing(self, request: SetTalkerProcessing) -> Done:
        wanted = TalkerProcessing(gate_db=request.gate_db, suppress=request.suppress, eq=request.eq, pan=request.pan)
        self._processing[request.peer] = wanted
        self._tell()
        return Done(message=f"{request.peer}: {wanted.words}")

    async def _set_master(self, request: SetMaster) -> Done:
        chosen = msgspec.structs.asdict(request)
        self._master.update({name: value for name, value in chosen.items() if value is not None})
        self._tell()
        return Done(message="The mix is changed.")

    async def _select_device(self, request: SelectDevice) -> Devices:
        names = [device.name for device in self._devices.devices]
        found = [name for name in names if request.name.lower() in name.lower()]
        if not found:
            words = f"There is no sound device “{request.name}”, but: {', '.join(names)}."
            raise PartylineError(
                words, "Choose one of `partyline devices`, by name or number.", code="audio.no-such-device"
            )
        self._playing = "device"
        wanted = found[0] if request.name else ""
        self._devices = msgspec.structs.replace(self._devices, wanted=wanted, current=found[0])
        self.bus.publish(self._devices)
        return self._devices


class FakeSignaling(Worker):
    name: ClassVar[str] = "signaling"

    async def run(self) -> None:
        self.facts = {"calls": "0"}
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
    places = {name: NOWHERE for name in SimulatorInfo.__struct_fields__ if name.endswith(("_url", "_link"))}
    info = SimulatorInfo(**places, npsso=GOOD_NPSSO, session_id=SESSION, pid=os.getpid())
    write_atomically(paths.simulator_file, msgspec.json.encode(info))
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
    runner.STOP_S = STAYS_S
    main(WORKERS[sys.argv[1]])
