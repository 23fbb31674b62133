"""Messages on the bus of a made-up party, for the observers."""

from __future__ import annotations

from common.messages import Member, PartyState, PeerSignal, PeerState, PushEvent
from common.psn.miranda import frames
from common.psn.party.push import PREFIX
from tests.conftest import WIRE

ME, SMALL, LARGE = "50.MOBILE_APP", "30.PS5", "70.PS5"
OFFER, ANSWER = ((WIRE / f"p2p-{kind}.sdp").read_bytes().decode() for kind in ("offer", "answer"))


def party(*peers, mine=1, session_id="s"):
    """We have joinOrder `mine`; `peers` are (peer key, joinOrder)."""
    members = [Member(account_id="50", platform="MOBILE_APP", is_me=True, join_order=mine)]
    for peer, order in peers:
        account_id, _, platform = peer.partition(".")
        members.append(Member(account_id=account_id, platform=platform, join_order=order))
    return PartyState(phase="joined", session_id=session_id, me=ME, members=tuple(members))


def signal(peer, direction, kind="offer", sequence=1, sdp=OFFER, **form):
    account_id, _, platform = peer.partition(".")
    names = {name.replace("__", ".").replace("_", "-"): value for name, value in form.items()}
    return PeerSignal(
        direction=direction,
        account_id=account_id,
        platform=platform,
        kind=kind,
        sdp=sdp,
        sequence=sequence,
        form=names,
    )


def state(peer, connection="connected", packets=10):
    account_id, _, platform = peer.partition(".")
    return PeerState(account_id=account_id, platform=platform, connection=connection, packets=packets)


def event(name, session_id="s", sender="", **data):
    account_id, _, platform = sender.partition(".")
    return PushEvent(
        epoch="e", number=1, data_type=f"{PREFIX}v2:ps:{name}", session_id=session_id,
        from_account_id=account_id, from_platform=platform, data=data,
    )  # fmt: skip


def message(peer, kind="offer", sdp=OFFER, counter=1, line="1/1/1"):
    account_id, _, _ = peer.partition(".")
    said = frames.message(
        kind,
        frames.MessageEnd(account_id=account_id, platform=5),
        frames.MessageEnd(account_id="50", platform=1),
        sdp,
        1,
        1,
    )
    payload = frames.encode_payload(frames.frame(said, counter=counter, line=line))
    return event(
        "customMessage:noSeq:created", sender=peer, customMessage={"channel": "miranda:12", "payload": payload}
    )


def take(evidence, *timed):
    """Hand (time, message) to the evidence and return all that was seen."""
    return [one for at, message in timed for one in evidence.on_message(message, at)]
