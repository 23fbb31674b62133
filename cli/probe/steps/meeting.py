"""Shared parts of the steps in our own and in another's party: members join, offer, connect, speak, leave."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable

from cli.probe.operators import Wish
from cli.probe.results.observations import Glare, Offers, Works
from cli.probe.steps.context import Skipped, Walk
from common.errors import PartyError
from common.messages import BRIDGE_PEER, PeerState, Trying

GLARE_S = 8.0
"""Time limit of a glare. `workers.media.negotiate.held` answers the remote offer within 4 s."""


async def comes(walk: Walk, wish: Wish, before: Iterable[str]) -> str:
    """Have somebody join our own party while local offers are held back. Return its peer key after the window."""
    known = set(before)

    async def wait() -> str:
        async with walk.hands.please(wish) as wont:
            found = await walk.until(lambda: set(walk.watch.others) - known, walk.limits.deed_s, wont)
            if not found:
                raise Skipped("nobody joined.")
        await waits_for_offers(walk)
        return min(found)

    return await walk.held(wait)


async def waits_for_offers(walk: Walk) -> None:
    """Wait until the window is over or everybody has offered."""
    evidence = walk.watch.evidence
    await walk.watch.until(evidence.all_judged, walk.limits.hold_s)


async def waits_for_glare(walk: Walk) -> None:
    """Wait until the window is over and every open offer is answered, by the remote or the local side."""
    await waits_for_offers(walk)
    await walk.watch.until(lambda: not walk.watch.evidence.glaring(), GLARE_S)


def tell_offers(walk: Walk, step: str) -> None:
    """Report the offers observed in a step."""
    for one in walk.watch.observed:
        if isinstance(one, Offers) and one.step == step:
            did = "offered by itself" if one.offered else "did not offer"
            walk.tell(f"Member {one.who} {did} within {one.waited_s:.1f} s; {_standing(older=one.older)}.")


def tell_glare(walk: Walk, step: str) -> None:
    found = [one for one in walk.watch.observed if isinstance(one, Glare) and one.step == step]
    for one in found:
        did = "answered our offer" if one.answered else "ignored our offer, and waited for our answer"
        walk.tell(f"Both offered: member {one.who} {did}; {_standing(older=one.older)}.")
    if not found:
        walk.tell("There was no glare: nobody offered while our offer could be sent first.")


def _standing(*, older: bool) -> str:
    return "it was in the party before us" if older else "it came after us"


async def connected(walk: Walk, peers: Iterable[str]) -> None:
    """Wait until these members are connected and send sound. Raises `PartyError` if some are not."""
    began = time.monotonic()
    wanted = set(peers)

    def missing() -> set[str]:
        return {peer for peer in wanted & set(walk.watch.others) if not _sends(walk, peer)}

    await walk.watch.until(lambda: not missing(), walk.limits.connect_s)
    for peer in sorted(wanted - missing()):
        state = walk.watch.now(PeerState, peer)
        if state is not None:
            alias = walk.watch.evidence.alias(peer)
            took_s = time.monotonic() - began
            walk.tell(
                f"Member {alias} ({state.platform}) was connected within {took_s:.1f} s of this step, "
                f"codec {state.codec or 'unknown'}{_tried(walk, peer)}."
            )
    if lost := missing():
        for peer in sorted(lost):
            state = walk.watch.now(PeerState, peer)
            alias = walk.watch.evidence.alias(peer)
            walk.tell(
                f"Member {alias} was not connected: {state.trouble or 'no reason' if state else 'nothing is known'}."
            )
        raise PartyError(
            f"{len(lost)} of {len(wanted)} members are not connected after {walk.limits.connect_s:.0f} s.",
            "`partyline trace --refused` shows messages that were refused; the folder has all that came.",
        )


def _sends(walk: Walk, peer: str) -> bool:
    state = walk.watch.now(PeerState, peer)
    return state is not None and state.connection == "connected" and state.packets > 0


def _tried(walk: Walk, peer: str) -> str:
    trying = walk.watch.now(Trying)
    words = trying.members.get(peer, "") if trying is not None else ""
    form = next((one.form for one in reversed(walk.watch.observed) if isinstance(one, Works)), {})
    shown = ", ".join(f"{name} {value}" for name, value in sorted(form.items()))
    return f" ({words or shown})" if words or shown else ""


async def heard(walk: Walk, peers: Iterable[str], wish: Wish) -> None:
    """Have the members speak, and wait until each is heard."""
    wanted = [peer for peer in peers if peer != BRIDGE_PEER]

    def silent() -> list[str]:
        return [peer for peer in wanted if peer in walk.watch.others and _seconds(walk, peer) < walk.limits.heard_s]

    async with walk.hands.please(wish) as wont:
        await walk.until(lambda: not silent(), walk.limits.voice_s, wont)
    for peer in wanted:
        state = walk.watch.now(PeerState, peer)
        if state is not None:
            alias = walk.watch.evidence.alias(peer)
            walk.tell(
                f"Member {alias}: {state.heard_s:.1f} s of speech heard, {state.packets} packets, {state.lost} lost, "
                f"jitter {state.jitter_ms:.0f} ms, {state.target_delay_ms:.0f} ms of delay."
            )
    if silent():
        raise PartyError("Somebody is connected and was not heard.", "Speak into the console's microphone, unmuted.")
    clock = "rtp.clock"
    await walk.watch.until(lambda: any(one.name == clock and one.evidence for one in walk.findings()), 5.0)


def _seconds(walk: Walk, peer: str) -> float:
    state = walk.watch.now(PeerState, peer)
    return state.heard_s if state is not None else 0.0


async def goes(walk: Walk, peer: str, wish: Wish) -> None:
    """Have a member leave, and wait for the event."""
    async with walk.hands.please(wish) as wont:
        if not await walk.until(lambda: peer not in walk.watch.others, walk.limits.deed_s, wont):
            raise Skipped("nobody left.")
    await asyncio.sleep(0)  # the event may follow the party state
    place = "party.left-cause-place"
    await walk.watch.until(
        lambda: any(one.name == place and one.evidence for one in walk.findings()), walk.limits.shape_s
    )
    walk.tell(f"Member {walk.watch.evidence.alias(peer)} left; the push event said so.")
