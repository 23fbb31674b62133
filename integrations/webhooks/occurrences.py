"""What happened between two observations, as events for webhooks. No I/O, no clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from common.config.integration_tables import SPEECH_EVENTS, HookEventName, Webhook
from integrations.webhooks.observed import ObservedMember, ObservedParty, PartyObservation


@dataclass(frozen=True)
class HookEvent:
    """One event, as it is sent."""

    type: HookEventName | str
    at: float
    """Unix seconds."""
    data: Mapping[str, Any]
    words: str
    """The same as a sentence."""
    names: tuple[str, ...] = field(default=())
    """Account id and online id of its member, empty for an event of nobody."""


def wants(hook: Webhook, event: HookEvent) -> bool:
    """Return whether a webhook is sent that event."""
    chosen = event.type in hook.events if hook.events else event.type not in SPEECH_EVENTS
    if not chosen or not hook.members or not event.names:
        return chosen
    wanted = {name.casefold() for name in hook.members}
    return any(name.casefold() in wanted for name in event.names)


def of_member(  # the parts of an event
    kind: HookEventName, at: float, member: ObservedMember, words: str, *, party: str, **more: Any
) -> HookEvent:
    """Return an event of one member."""
    data = {"member": asdict(member), "party": party, **more}
    return HookEvent(kind, at, data, words, (member.account_id, member.name))


def occurrences(before: PartyObservation, now: PartyObservation, at: float) -> list[HookEvent]:
    """Return what happened, but for speech (`SpeechSpans`). What was not known before has not happened."""
    return [
        event
        for find in (_party, _members, _recording, _clip, _problems, _following)
        for event in find(before, now, at)
    ]


Find = Callable[[PartyObservation, PartyObservation, float], Iterator[HookEvent]]


def _party(before: PartyObservation, now: PartyObservation, at: float) -> Iterator[HookEvent]:
    was, new = before.party, now.party
    if was is None or new is None or was.session_id == new.session_id:
        return
    if was.session_id:
        because = f": {new.reason}" if new.reason else "."
        yield HookEvent(
            "party.left", at, {"party": was.name, "reason": new.reason}, f"Left the party {_named(was.name)}{because}"
        )
    if new.session_id:
        members = [asdict(member) for member in (now.members or {}).values()]
        yield HookEvent(
            "party.joined", at, {"party": new.name, "members": members}, f"Joined the party {_named(new.name)}."
        )


def _members(before: PartyObservation, now: PartyObservation, at: float) -> Iterator[HookEvent]:
    """Of one party only: who is there when we come, and who stays when we go, neither joined nor left."""
    was, new = before.members, now.members
    party = now.party
    if was is None or new is None or party is None or _session(before.party) != party.session_id:
        return
    name = party.name
    for peer in was.keys() - new.keys():
        yield of_member("member.left", at, was[peer], f"{was[peer].name} left.", party=name, members=len(new))
    for peer in new.keys() - was.keys():
        yield of_member("member.joined", at, new[peer], f"{new[peer].name} joined.", party=name, members=len(new))


def _session(party: ObservedParty | None) -> str:
    return party.session_id if party is not None else ""


def _recording(before: PartyObservation, now: PartyObservation, at: float) -> Iterator[HookEvent]:
    was, new = before.recording, now.recording
    if was is None or new is None:
        return
    another = was.running and new.running and was.folder != new.folder
    if was.running and (another or not new.running):
        end = was if another else new
        data = {key: value for key, value in asdict(end).items() if key != "running"}
        why = f": {end.detail}" if end.detail else ""
        yield HookEvent("recording.stopped", at, data, f"The recording ended after {end.seconds:.0f} s{why}.")
    if new.running and (another or not was.running):
        yield HookEvent("recording.started", at, {"folder": new.folder}, "A recording began.")


def _clip(before: PartyObservation, now: PartyObservation, at: float) -> Iterator[HookEvent]:
    if before.clip is not None and now.clip and now.clip != before.clip:
        yield HookEvent("clip.saved", at, {"folder": now.clip}, "A clip was saved.")


def _problems(before: PartyObservation, now: PartyObservation, at: float) -> Iterator[HookEvent]:
    was, new = before.problems, now.problems
    if was is None or new is None:
        return
    for topic in sorted(new.keys() - was.keys()):
        yield HookEvent("problem.opened", at, asdict(new[topic]), f"{new[topic].message} {new[topic].remedy}".strip())
    for topic in sorted(was.keys() - new.keys()):
        yield HookEvent("problem.closed", at, asdict(was[topic]), f"Over: {was[topic].message}")


def _following(before: PartyObservation, now: PartyObservation, at: float) -> Iterator[HookEvent]:
    was, new = before.following, now.following
    if was is None or new is None or was == new:
        return
    words = {
        "off": "Nobody is followed.",
        "looking": f"Looking for {new.name}.",
        "with": f"In the party of {new.name}.",
    }.get(new.state, f"Following: {new.state}.")
    yield HookEvent("follow.changed", at, asdict(new), words)


def carried(before: PartyObservation, now: PartyObservation) -> PartyObservation:
    """Return `now`, with what it does not know as it was before."""
    known = {key: value for key, value in vars(now).items() if value is not None}
    moved = now.party is not None and before.party is not None and now.party.session_id != before.party.session_id
    kept = {**vars(before), "members": None} if moved else vars(before)
    return PartyObservation(**{**kept, **known})


def _named(name: str) -> str:
    return f"“{name}”" if name else "without a name"
