"""Shared parts of the steps in our own and in another's party: members join, offer, connect, speak, leave."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable

from cli.probe.observe.observations import Glare, OfferBehaviour, Works
from cli.probe.operators import ConsoleAction
from cli.probe.steps.context import Skipped, StepContext
from common.errors import PartyError
from common.messages import BRIDGE_PEER, PeerState, Trying

GLARE_S = 8.0
"""Time limit of a glare. `workers.media.negotiate.offer_hold` answers the remote offer within 4 s."""


async def wait_for_join(context: StepContext, action: ConsoleAction, before: Iterable[str]) -> str:
    """Have somebody join our own party while local offers are held back. Return its peer key after the window."""
    known = set(before)

    async def wait() -> str:
        async with context.operator.request(action) as declined:
            found = await context.until(lambda: set(context.listener.others) - known, context.limits.action_s, declined)
            if not found:
                raise Skipped("nobody joined.")
        await wait_for_offers(context)
        return min(found)

    return await context.hold_offers(wait)


async def wait_for_offers(context: StepContext) -> None:
    """Wait until the window is over or everybody has offered."""
    offers = context.listener.evidence.offers
    await context.listener.until(offers.all_judged, context.limits.hold_s)


async def wait_for_glare(context: StepContext) -> None:
    """Wait until the window is over and every open offer is answered, by the remote or the local side."""
    await wait_for_offers(context)
    await context.listener.until(lambda: not context.listener.evidence.offers.glare_is_open(), GLARE_S)


def report_offers(context: StepContext, step: str) -> None:
    """Report the offers observed in a step."""
    for one in context.listener.observed:
        if isinstance(one, OfferBehaviour) and one.step == step:
            did = "offered by itself" if one.offered else "did not offer"
            context.report(f"Member {one.who} {did} within {one.waited_s:.1f} s. {_order(older=one.older)}.")


def report_glare(context: StepContext, step: str) -> None:
    found = [one for one in context.listener.observed if isinstance(one, Glare) and one.step == step]
    for one in found:
        did = "answered our offer" if one.answered else "ignored our offer and waited for our answer"
        context.report(f"Both offered, and member {one.who} {did}. {_order(older=one.older)}.")
    if not found:
        context.report("There was no glare. Nobody offered while our offer could be sent first.")


def _order(*, older: bool) -> str:
    return "It joined the party before us" if older else "It joined the party after us"


async def wait_for_connections(context: StepContext, peers: Iterable[str]) -> None:
    """Wait until these members are connected and send sound. Raises `PartyError` if some are not."""
    began = time.monotonic()
    wanted = set(peers)

    def missing() -> set[str]:
        return {peer for peer in wanted & set(context.listener.others) if not _sends(context, peer)}

    await context.listener.until(lambda: not missing(), context.limits.connect_s)
    for peer in sorted(wanted - missing()):
        state = context.listener.latest(PeerState, peer)
        if state is not None:
            alias = context.alias(peer)
            took_s = time.monotonic() - began
            context.report(
                f"Member {alias} ({state.platform}) connected within {took_s:.1f} s of this step, "
                f"codec {state.codec or 'unknown'}{_tried(context, peer)}."
            )
    if lost := missing():
        for peer in sorted(lost):
            state = context.listener.latest(PeerState, peer)
            alias = context.alias(peer)
            context.report(
                f"Member {alias} did not connect: {state.trouble or 'no known reason' if state else 'no state'}."
            )
        raise PartyError(
            f"{len(lost)} of {len(wanted)} members are not connected after {context.limits.connect_s:.0f} s.",
            "`partyline trace --refused` shows refused messages. The folder contains everything that was received.",
        )


def _sends(context: StepContext, peer: str) -> bool:
    state = context.listener.latest(PeerState, peer)
    return state is not None and state.connection == "connected" and state.packets > 0


def _tried(context: StepContext, peer: str) -> str:
    trying = context.listener.latest(Trying)
    words = trying.members.get(peer, "") if trying is not None else ""
    form = next((one.form for one in reversed(context.listener.observed) if isinstance(one, Works)), {})
    shown = ", ".join(f"{name} {value}" for name, value in sorted(form.items()))
    return f" ({words or shown})" if words or shown else ""


async def wait_for_voices(context: StepContext, peers: Iterable[str], action: ConsoleAction) -> None:
    """Have the members speak, and wait until each is heard."""
    wanted = [peer for peer in peers if peer != BRIDGE_PEER]

    def silent() -> list[str]:
        return [
            peer
            for peer in wanted
            if peer in context.listener.others and _seconds(context, peer) < context.limits.heard_s
        ]

    async with context.operator.request(action) as declined:
        await context.until(lambda: not silent(), context.limits.voice_s, declined)
    for peer in wanted:
        state = context.listener.latest(PeerState, peer)
        if state is not None:
            alias = context.alias(peer)
            context.report(
                f"Member {alias}: {state.heard_s:.1f} s of speech heard, {state.packets} packets, {state.lost} lost, "
                f"jitter {state.jitter_ms:.0f} ms, {state.target_delay_ms:.0f} ms of delay."
            )
    if silent():
        raise PartyError(
            "A member is connected but was not heard.", "Unmute the console's microphone and speak into it."
        )
    await context.listener.until(lambda: context.has_evidence("rtp.clock"), 5.0)


def _seconds(context: StepContext, peer: str) -> float:
    state = context.listener.latest(PeerState, peer)
    return state.heard_s if state is not None else 0.0


async def wait_for_leave(context: StepContext, peer: str, action: ConsoleAction) -> None:
    """Have a member leave, and wait for the event."""
    async with context.operator.request(action) as declined:
        if not await context.until(lambda: peer not in context.listener.others, context.limits.action_s, declined):
            raise Skipped("nobody left.")
    await asyncio.sleep(0)  # the event may follow the party state
    await context.listener.until(lambda: context.has_evidence("party.left-cause-place"), context.limits.shape_s)
    context.report(f"Member {context.alias(peer)} left, by the push event.")
