"""What is done to the negotiation of voices, and what a user hears and sees of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from common.messages import BRIDGE_PEER, MixerState, PeerSignal, PeerState
from simulator.demo import SESSION_ID
from tests.scenarios.stage import ANSWERING, WORKERS, Stage

DAY_S = 86_400.0
GAP_S = 2.0
"""A console that has one connection for us ends it before the next is up: ICE and DTLS, on a busy machine."""


async def _restart_media(stage: Stage) -> None:
    """Kill media: it negotiates with everybody again."""
    stage.rig.again("media", stage.env)
    await stage.rig.until(
        lambda: any(state.connection != "connected" for state in stage.since(PeerState)), "media negotiates again"
    )


def a_voice_is_back(policy: str) -> Callable[[Stage], Awaitable[None]]:
    """Negotiate again with consoles that behave so; all are heard, and nothing is told."""

    async def seen(stage: Stage) -> None:
        await stage.policy(policy, *([ANSWERING] if policy == "late" else []))
        await _restart_media(stage)
        await stage.voices.all_heard(*stage.others)
        await stage.policy("")
        await stage.no_problems()

    return seen


async def a_new_offer_takes_no_voice_away(stage: Stage) -> None:
    await stage.policy("reoffer")
    await _restart_media(stage)
    await stage.voices.all_heard(*stage.others)
    stage.mark()

    def offers(peer: str) -> int:
        found = stage.since(PeerSignal)
        return sum((one.direction, one.kind, one.key().partition("/")[2]) == ("in", "offer", peer) for one in found)

    await stage.rig.until(lambda: all(offers(peer) >= 2 for peer in stage.others), "each has offered twice more")
    # How much of it is the machine's: a new connection takes processor time on both sides.
    await stage.no_voice_lost(gap_s=GAP_S)
    await stage.policy("")


async def a_silent_peer_is_named_and_heard_when_it_answers(stage: Stage) -> None:
    await stage.policy("silent", ANSWERING)
    await _restart_media(stage)
    await stage.problem("media.no-connection")
    told = stage.rig.problems()["media.no-connection"]
    assert "Juniper_Fox" in told.message
    assert told.remedy
    attempts = [one.attempt for one in stage.since(PeerSignal) if one.direction == "out" and one.attempt > 1]
    assert attempts, "whoever sends our offers hears how often we have tried"
    await stage.voices.all_heard(*(peer for peer in stage.others if peer != ANSWERING))
    await stage.policy("")
    await stage.voices.all_heard(*stage.others)
    await stage.no_problems()


async def a_bridge_is_heard_for_whom_is_not_reached_and_nobody_twice(stage: Stage) -> None:
    """And when it is gone, all goes on without it."""
    await stage.rig.control("bridges", {"direction": "sendrecv", "sessionId": SESSION_ID})
    await stage.policy("silent", ANSWERING)
    await _restart_media(stage)
    await stage.rig.until(lambda: _way(stage, ANSWERING)[1] == "bridge", "the silent one is heard by the bridge")
    await stage.policy("")
    await stage.rig.until(lambda: _way(stage, BRIDGE_PEER) == ("connected", "none"), "the bridge stands by")
    assert {_way(stage, peer) for peer in stage.others} == {("connected", "own")}
    await stage.policy("silent", ANSWERING)
    await _restart_media(stage)
    await stage.rig.until(lambda: _way(stage, ANSWERING)[1] == "bridge", "the silent one is heard by the bridge again")
    await stage.rig.control("bridges", {"sessionId": SESSION_ID, "end": True})
    await stage.rig.until(lambda: stage.voices.bridge is None, "the bridge is gone")
    await stage.rig.until(lambda: _way(stage, ANSWERING)[1] == "none", "who was heard by it alone is not heard")
    await stage.policy("")
    await stage.voices.all_heard(*stage.others)


def _way(stage: Stage, peer: str) -> tuple[str, str]:
    state = stage.voices.bridge if peer == BRIDGE_PEER else stage.voices.states().get(peer)
    return (state.connection, state.way) if state is not None else ("", "")


async def audio_is_back(stage: Stage) -> None:
    stage.rig.again("audio", stage.env)
    stage.rig.latest.pop(f"{MixerState.TOPIC}/")  # the dead one's; it counted from another beginning
    await stage.voices.all_heard(*stage.others)


async def we_return_into_the_membership_that_was_left_behind(stage: Stage) -> None:
    for worker in ("broker", *WORKERS):
        stage.rig.processes[worker].kill()
    stage.rig.latest.clear()
    stage.rig.up("broker", *WORKERS, env=stage.env)
    await stage.rig.until(lambda: stage.push().epoch not in ("", stage.epoch), "the push channel is another one")
    await stage.rig.joined()
    members = await stage.rig.party_members()
    assert members.count(stage.me) == 1
    await stage.voices.all_heard(*stage.others)


async def a_clock_that_jumps_is_not_noticed(stage: Stage) -> None:
    for off_s in (DAY_S, -DAY_S, 0.0):
        await stage.clock(off_s)
        await stage.listed_well()
    await stage.no_problems()
