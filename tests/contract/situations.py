"""Where a contract begins: signed in, in a party, recording. Each brings it about unless it is so already."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from common.errors import PartylineError
from common.messages import AuthState, MixerState, PartyState, PushState, RecordingList
from common.requests import CreateParty, JoinParty, SignIn, StartRecording, StopRecording
from tests.contract.worlds import World


async def talker(world: World) -> str:
    """Return the peer of somebody in the mix."""
    await joined(world)
    state = await world.watcher.until(
        lambda: (now := world.watcher.now(MixerState)) and now.talkers and now, "somebody is mixed"
    )
    return state.talkers[0].peer


async def signed_in(world: World) -> AuthState:
    if (await world.shows(AuthState)).state != "signed_in":
        await world.ask(SignIn(pasted=world.npsso))
    return await world.shows(AuthState, state="signed_in")


async def reachable(world: World) -> PushState:
    """Be signed in, with the push channel open."""
    await signed_in(world)
    return await world.shows(PushState, connected=True)


async def hosting(world: World) -> None:
    """Be in a party of our own."""
    await reachable(world)
    now = world.watcher.now(PartyState)
    if now is None or now.phase != "joined" or now.session_id == world.party:
        await world.ask(CreateParty(name="Mine"))


async def recording(world: World) -> None:
    try:
        await world.ask(StartRecording(name="x"))
    except PartylineError as error:  # the state on the bus may be a moment late
        if not error.code.startswith("recorder.running"):
            raise


async def recorded(world: World) -> str:
    """Return the name of a finished recording."""
    await recording(world)
    ended = await world.ask(StopRecording())
    name = PurePath(ended.folder).name
    await world.watcher.until(
        lambda: (now := world.watcher.now(RecordingList)) and name in [entry.recording for entry in now.recordings],
        "it is listed",
    )
    return name


async def joined(world: World) -> PartyState:
    await reachable(world)
    now = world.watcher.now(PartyState)
    if now is None or now.phase != "joined":
        await world.ask(JoinParty(target=world.party))
    return await world.shows(PartyState, phase="joined")


async def mixed(world: World, peer: str, **fields: Any) -> MixerState:
    """Wait until that talker has these fields in the mix."""

    def fits() -> MixerState | None:
        state = world.watcher.now(MixerState)
        found = [one for one in state.talkers if one.peer == peer] if state else []
        return state if found and all(getattr(found[0], name) == value for name, value in fields.items()) else None

    state = await world.watcher.until(fits, lambda: f"{peer} has {fields}: {world.watcher.now(MixerState)}")
    assert state is not None
    return state
