"""The descriptions that connections exchange: made in the form that was chosen, applied, and put into a signal."""

from __future__ import annotations

from common.errors import PartylineError
from common.messages import Member, PeerSignal
from common.psn.sdp import BadSdp
from common.psn.unknowns import Recipe
from workers.media.negotiate.actions import AcceptAnswer, AnswerOffer, MakeOffer
from workers.media.peers.form_results import Attempt
from workers.media.peers.peer import Peer


async def describe(peer: Peer, action: MakeOffer | AnswerOffer, recipe: Recipe, *, active: bool) -> str:
    """Return the offer or answer of a new connection. Raises `PartylineError`. `active` as in `Peer.offer`."""
    ssrc = recipe["sdp.ssrc"] == "as-captured"
    clock = 48_000 if recipe["sdp.answer-clock"] == "48000" else 0
    try:
        if isinstance(action, MakeOffer):
            return await peer.offer(ssrc=ssrc, active=active)
        return await peer.answer(action.sdp, clock=clock, ssrc=ssrc)
    except BadSdp:
        raise
    except Exception as error:
        raise _unexpected(error) from error  # one member's fault must not end the other connections


async def accept(peer: Peer, action: AcceptAnswer) -> None:
    """Apply the answer to the local offer. Raises `PartylineError`."""
    try:
        await peer.accept(action.sdp)
    except BadSdp:
        raise
    except Exception as error:
        raise _unexpected(error) from error


def signal(member: Member, action: MakeOffer | AnswerOffer, attempt: Attempt, sdp: str) -> PeerSignal:
    return PeerSignal(
        direction="out",
        account_id=member.account_id,
        platform=member.platform,
        kind=attempt.role,
        sdp=sdp,
        form=attempt.recipe,
        sequence=action.sequence,
        attempt=action.attempt if attempt.role == "offer" else 1,
    )


def _unexpected(error: Exception) -> PartylineError:
    return PartylineError(
        f"making a connection met {type(error).__name__}: {error}",
        "It is tried again. If it persists, report it with media's log.",
        code="media.connection-fault",
    )
