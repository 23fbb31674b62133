"""The contract of each request: answers, refusals, what is retained.

They stand in the order in which a person would make them. Each brings about what it needs, so that one runs alone too.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from common.errors import BadRequestError, PartyError, PartylineError, SignInError
from common.messages import (
    AuthState,
    ClipState,
    Devices,
    MixerState,
    ObsState,
    PartyState,
    PeerKey,
    TalkerProcessing,
)
from common.requests import (
    AccessToken,
    AddOutput,
    CheckObs,
    CloseListening,
    CreateParty,
    DeleteRecording,
    Done,
    EndSignals,
    ExportRecording,
    FindPictures,
    FollowPlayer,
    ForgetListeners,
    HoldOffers,
    InvitePeople,
    JoinParty,
    KeepClip,
    KickMember,
    LeaveParty,
    ListParties,
    MakeListenLink,
    MarkRecording,
    OpenListening,
    PutOverlayIntoObs,
    RemoveFromObs,
    RemoveOutput,
    RenameParty,
    RenameRecording,
    Request,
    RevealRecording,
    SaveClip,
    SelectDevice,
    SetGain,
    SetMaster,
    SetMute,
    SetOutput,
    SetOwnMember,
    SetSolo,
    SetTalkerProcessing,
    SetUpObs,
    SetVisibility,
    SetVoiceChat,
    SignIn,
    SignOut,
    StartRecording,
    StopRecording,
    TakeOverlayFromObs,
    TestObs,
    TestTone,
    WhoAmI,
)
from tests.contract.situations import hosting, joined, mixed, reachable, recorded, recording, signed_in, talker
from tests.contract.worlds import World

Contract = Callable[[World], Awaitable[None]]
CONTRACTS: dict[type[Request[Any]], Contract] = {}
NOBODY = "999.PS5"
NO_PARTY = "00000000-0000-4000-8000-000000000000"


def of(cls: type[Request[Any]]) -> Callable[[Contract], Contract]:
    def enter(contract: Contract) -> Contract:
        CONTRACTS[cls] = contract
        return contract

    return enter


# --- the account ----------------------------------------------------------------------------------


@of(SignIn)
async def sign_in(world: World) -> None:
    await world.shows(AuthState, state="signed_out", realm="playstation")
    await world.refused(SignIn(pasted="X" * 64), SignInError)
    await world.shows(AuthState, state="signed_out")
    answer = await world.ask(SignIn(pasted=world.npsso))
    assert answer.state == "signed_in"
    await world.shows(AuthState, state="signed_in", account_id=answer.account_id)


@of(WhoAmI)
async def who_am_i(world: World) -> None:
    await signed_in(world)
    info = await world.ask(WhoAmI())
    await world.shows(AuthState, state=info.auth.state, account_id=info.auth.account_id)
    assert info.auth.state == "signed_in"


@of(AccessToken)
async def access_token(world: World) -> None:
    await signed_in(world)
    assert (await world.ask(AccessToken())).account_id == (await world.shows(AuthState)).account_id


# --- the party ------------------------------------------------------------------------------------


@of(FollowPlayer)
async def follow_player(world: World) -> None:
    await reachable(world)
    await world.refused(FollowPlayer(online_id="No-Such"), PartylineError, "session.")
    assert await world.ask(FollowPlayer(online_id="")) == Done(message="Nobody was followed.")


@of(ListParties)
async def list_parties(world: World) -> None:
    await reachable(world)
    (found,) = (await world.ask(ListParties())).parties
    assert (found.session_id, found.standing) == (world.party, "open")
    assert found.members
    assert not any(member.is_me for member in found.members)


@of(CreateParty)
async def create_party(world: World) -> None:
    await reachable(world)
    answer = await world.ask(CreateParty(name="Mine"))
    assert (answer.phase, answer.name) == ("joined", "Mine")
    assert [member.peer for member in answer.members if member.is_host] == [answer.me]
    assert answer.session_id != world.party
    await world.shows(PartyState, phase="joined", session_id=answer.session_id)


@of(RenameParty)
async def rename_party(world: World) -> None:
    await hosting(world)
    answer = await world.ask(RenameParty(name="Ours"))
    assert answer.message
    await world.shows(PartyState, name="Ours")


@of(SetVisibility)
async def set_visibility(world: World) -> None:
    await hosting(world)
    for is_open in (True, False):
        assert (await world.ask(SetVisibility(open=is_open))).message
        await world.shows(PartyState, open=is_open)


@of(InvitePeople)
async def invite_people(world: World) -> None:
    await hosting(world)
    await world.refused(InvitePeople(online_ids=("No-Such",)), PartylineError, "session.")


@of(KickMember)
async def kick_member(world: World) -> None:
    await hosting(world)
    await world.refused(KickMember(peer=NOBODY), PartyError)


@of(FindPictures)
async def find_pictures(world: World) -> None:
    await signed_in(world)
    assert (await world.ask(FindPictures(account_ids=()))).urls == {}


@of(JoinParty)
async def join_party(world: World) -> None:
    await reachable(world)
    await world.refused(JoinParty(target=NO_PARTY), PartyError)
    answer = await world.ask(JoinParty(target=world.party))
    assert (answer.phase, answer.session_id) == ("joined", world.party)
    assert answer.me in {member.peer for member in answer.members}
    told = await world.shows(PartyState, phase="joined", session_id=world.party)
    assert (told.joined_at, told.me) == (answer.joined_at, answer.me)


# --- what is sent ---------------------------------------------------------------------------------


@of(SetVoiceChat)
async def set_voice_chat(world: World) -> None:
    await reachable(world)
    assert await world.ask(SetVoiceChat(active=True)) == Done()


@of(EndSignals)
async def end_signals(world: World) -> None:
    assert await world.ask(EndSignals(session_id="another")) == Done()


@of(HoldOffers)
async def hold_offers(world: World) -> None:
    await world.refused(HoldOffers(for_s=21), BadRequestError)
    assert await world.ask(HoldOffers(for_s=0)) == Done()


# --- the mix --------------------------------------------------------------------------------------


@of(SetGain)
async def set_gain(world: World) -> None:
    peer = await talker(world)
    await world.refused(SetGain(peer=peer, gain_db=1000), BadRequestError)
    for gain_db, words in ((-6.0, "-6 dB"), (0.0, "+0 dB")):
        assert await world.ask(SetGain(peer=peer, gain_db=gain_db)) == Done(message=f"{peer}: {words}")
        await mixed(world, peer, gain_db=gain_db)


@of(SetMute)
async def set_mute(world: World) -> None:
    peer = await talker(world)
    for muted, words in ((True, "muted"), (False, "not muted")):
        assert await world.ask(SetMute(peer=peer, muted=muted)) == Done(message=f"{peer}: {words}")
        await mixed(world, peer, muted=muted)


@of(SetSolo)
async def set_solo(world: World) -> None:
    peer = await talker(world)
    for solo, words in ((True, "solo"), (False, "not solo")):
        assert await world.ask(SetSolo(peer=peer, solo=solo)) == Done(message=f"{peer}: {words}")
        assert (await mixed(world, peer, solo=solo, hushed=False)).solo is solo


@of(SetOwnMember)
async def set_own_member(world: World) -> None:
    peer = await talker(world)
    account = PeerKey.of(peer).account_id
    assert (await world.ask(SetOwnMember(account_id=account))).message == f"{account} is your own account."
    await world.shows(MixerState, own_account=account)
    await mixed(world, peer, muted=True)
    await world.ask(SetMute(peer=peer, muted=False))  # a person can undo it
    await mixed(world, peer, muted=False)
    assert (await world.ask(SetOwnMember(account_id=""))).message == "No account is your own."
    await world.shows(MixerState, own_account="")


@of(SetTalkerProcessing)
async def set_talker_processing(world: World) -> None:
    peer = await talker(world)
    await world.refused(SetTalkerProcessing(peer=peer, gate_db=0), BadRequestError)
    wanted = SetTalkerProcessing(peer=peer, gate_db=-45, eq="dull", pan=0.5)
    assert await world.ask(wanted) == Done(message=f"{peer}: gate at -45 dBFS, equaliser for dull, panned 50 % right")
    await mixed(world, peer, processing=TalkerProcessing(gate_db=-45, eq="dull", pan=0.5))
    assert await world.ask(SetTalkerProcessing(peer=peer)) == Done(message=f"{peer}: unchanged")
    await mixed(world, peer, processing=TalkerProcessing())


@of(SetMaster)
async def set_master(world: World) -> None:
    before = await world.shows(MixerState)
    assert (await world.ask(SetMaster(gain_db=-3, delay_ms=250))).message == "The mix is changed."
    await world.shows(MixerState, gain_db=-3, delay_ms=250, levelling=before.levelling)
    await world.ask(SetMaster(levelling=not before.levelling))
    await world.shows(MixerState, gain_db=-3, delay_ms=250, levelling=not before.levelling)
    await world.ask(SetMaster(gain_db=before.gain_db, delay_ms=before.delay_ms, levelling=before.levelling))


@of(SelectDevice)
async def select_device(world: World) -> None:
    await world.refused(SelectDevice(name="No such device"), PartylineError, "audio.no-such-device")
    answer = await world.ask(SelectDevice(name=""))
    assert answer.wanted == ""
    await world.watcher.until(lambda: world.watcher.now(Devices) == answer, lambda: f"{answer} is retained")


@of(AddOutput)
async def add_output(world: World) -> None:
    await world.refused(AddOutput(device="No such device"), PartylineError, "audio.no-such-device")
    await world.refused(AddOutput(device=""), PartylineError, "audio.no-such-device")


@of(RemoveOutput)
async def remove_output(world: World) -> None:
    await world.refused(RemoveOutput(name="nobody"), PartylineError, "audio.no-output")
    await world.refused(RemoveOutput(name="main"), PartylineError, "audio.main-output")


@of(SetOutput)
async def set_output(world: World) -> None:
    await world.refused(SetOutput(name="nobody", gain_db=-3), PartylineError, "audio.no-output")
    await world.refused(SetOutput(name="main", device="x"), PartylineError, "audio.main-output")
    wanted = {"gain_db": -3.0, "delay_ms": 40.0, "own_delay": True, "muted": True}
    assert (await world.ask(SetOutput(name="main", gain_db=-3, delay_ms=40, muted=True))).message
    await world.watcher.until(lambda: _main_output(world, wanted), lambda: f"{wanted} of the main output")
    await world.ask(SetOutput(name="main", gain_db=0, follow_mix_delay=True, muted=False))
    wanted = {"gain_db": 0.0, "own_delay": False, "muted": False}
    await world.watcher.until(lambda: _main_output(world, wanted), lambda: f"{wanted} of the main output")


def _main_output(world: World, wanted: dict[str, Any]) -> bool:
    state = world.watcher.now(MixerState)
    return state is not None and all(getattr(state.outputs[0], name) == value for name, value in wanted.items())


# --- the recording --------------------------------------------------------------------------------


@of(StartRecording)
async def start_recording(world: World) -> None:
    assert (await world.ask(StartRecording(name="x"))).state == "recording"
    await world.refused(StartRecording(), PartylineError, "recorder.running")


@of(MarkRecording)
async def mark_recording(world: World) -> None:
    await recording(world)
    assert (await world.ask(MarkRecording(text="here"))).marks == 1


@of(StopRecording)
async def stop_recording(world: World) -> None:
    await recording(world)
    assert (await world.ask(StopRecording())).state == "idle"
    for request in (StopRecording(), MarkRecording()):
        await world.refused(request, PartylineError, "recorder.idle")


# --- clips and what is on the disk ------------------------------------------------------------------


@of(KeepClip)
async def keep_clip(world: World) -> None:
    await world.refused(KeepClip(seconds=5), PartylineError, "recorder.clip-length")
    await world.refused(KeepClip(seconds=301), BadRequestError)
    for seconds in (30, 0):
        assert (await world.ask(KeepClip(seconds=seconds))).seconds == seconds
        await world.shows(ClipState, seconds=seconds)


@of(SaveClip)
async def save_clip(world: World) -> None:
    await world.ask(KeepClip(seconds=0))
    await world.refused(SaveClip(), PartylineError, "recorder.clip-off")


@of(RenameRecording)
async def rename_recording(world: World) -> None:
    name = await recorded(world)
    assert (await world.ask(RenameRecording(recording=name, name="Boss"))).message
    await world.refused(RenameRecording(recording=name, name="Boss"), PartylineError, "recorder.no-recording")


@of(DeleteRecording)
async def delete_recording(world: World) -> None:
    await world.refused(DeleteRecording(recording="../state"), PartylineError, "recorder.no-recording")
    assert "trash" in (await world.ask(DeleteRecording(recording=await recorded(world)))).message


@of(RevealRecording)
async def reveal_recording(world: World) -> None:
    await world.refused(RevealRecording(recording="/etc"), PartylineError, "recorder.no-recording")


@of(ExportRecording)
async def export_recording(world: World) -> None:
    await world.refused(ExportRecording(recording="/etc", kind="lof"), PartylineError, "recorder.no-recording")


# --- OBS, which does not run ------------------------------------------------------------------------


@of(CheckObs)
async def check_obs(world: World) -> None:
    state = await world.ask(CheckObs())
    assert (state.connected, state.problem_code, state.setup) == (False, "obs.not-running", None)
    assert await world.shows(ObsState) == ObsState()  # nothing is told where nothing was set up


@of(SetUpObs)
async def set_up_obs(world: World) -> None:
    await world.refused(SetUpObs(route="mix"), PartylineError, "obs.not-running")
    assert (await world.ask(CheckObs())).setup is None


@of(RemoveFromObs)
async def remove_from_obs(world: World) -> None:
    await world.refused(RemoveFromObs(), PartylineError, "obs.not-running")


@of(PutOverlayIntoObs)
async def put_overlay_into_obs(world: World) -> None:
    await world.refused(PutOverlayIntoObs(look="layout=row"), PartylineError, "obs.not-running")


@of(TakeOverlayFromObs)
async def take_overlay_from_obs(world: World) -> None:
    await world.refused(TakeOverlayFromObs(), PartylineError, "obs.not-running")


@of(TestObs)
async def obs_test(world: World) -> None:
    await world.refused(TestObs(), PartylineError, "obs.not-running")


@of(TestTone)
async def tone_test(world: World) -> None:
    assert await world.ask(TestTone(seconds=0.5)) == Done(message="A test tone plays for 0.5 s.")


# --- and out again --------------------------------------------------------------------------------


@of(LeaveParty)
async def leave_party(world: World) -> None:
    await joined(world)
    assert await world.ask(LeaveParty()) == Done(message="Left the party.")
    await world.shows(PartyState, phase="none", end="left", reason="Left the party.")
    assert await world.ask(LeaveParty()) == Done(message="There was no party to leave.")


@of(SignOut)
async def sign_out(world: World) -> None:
    assert await world.ask(SignOut()) == Done(message="Signed out.")
    await world.shows(AuthState, state="signed_out")
    assert (await world.ask(WhoAmI())).store == ""


@of(OpenListening)
async def open_listening(world: World) -> None:
    await world.refused(OpenListening(offer="no offer", has_key=True), PartylineError, "webrtc.bad-offer")


@of(CloseListening)
async def close_listening(world: World) -> None:
    assert await world.ask(CloseListening(listening_id="gone-already")) == Done()


@of(MakeListenLink)
async def make_listen_link(world: World) -> None:
    made = await world.ask(MakeListenLink(talker="Bo Streams&"))
    assert made.path.startswith("/obs-audio?talker=Bo%20Streams%26#ticket=")
    assert made.expires_s > 0


@of(ForgetListeners)
async def forget_listeners(world: World) -> None:
    assert await world.ask(ForgetListeners()) == Done()
