"""Steps in a party of theirs: we are the newcomer."""

from __future__ import annotations

from cli.probe.operators import Wish
from cli.probe.steps import meeting
from cli.probe.steps.context import Skipped, Step, Walk
from cli.probe.steps.own_party import FORM, leave
from common.requests import JoinParty

JOIN_S = 90.0
_MEET = "we join them"


async def join(walk: Walk) -> None:
    words = "On the console: make a party, and let this account in (invite it, or take its link)."
    async with walk.hands.please(Wish("have a party", words, waited_for=False)):
        pass
    target = walk.link or await walk.hands.answer(
        "When it is there: its share link or id (empty: you were invited, or it is the only one there is to join):"
    )

    async def enter() -> None:
        walk.in_party = True
        await walk.ask(JoinParty(target=target), JOIN_S)
        if not await walk.watch.until(lambda: walk.watch.others, walk.limits.shape_s):
            raise Skipped("nobody else is in that party.")
        await meeting.waits_for_glare(walk)

    await walk.held(enter, meets=True)
    walk.tell(f"We joined a party of {len(walk.watch.others)} others as the newcomer.")
    meeting.tell_offers(walk, _MEET)
    meeting.tell_glare(walk, _MEET)


async def connection(walk: Walk) -> None:
    await meeting.connected(walk, walk.watch.others)


async def voice(walk: Walk) -> None:
    words = "Speak on the console for some seconds."
    await meeting.heard(walk, walk.watch.others, Wish("speak", words))


STEPS = (
    Step(
        name=_MEET,
        group="their party",
        title="15. The other way round: we join them",
        says="We join the console's party and hold our offers back; an offer that comes is met with one of ours.",
        visible="The members of that party see us join.",
        do=join,
        failed="Sony's code and words are above; a party may be full, closed, or over.",
        needs=("push", "no party"),
        learns=("offer.first", "glare.rule"),
    ),
    Step(
        name="their connection",
        group="their party",
        title="16. The connection as newcomer",
        says="As before, with us as the newer member.",
        do=connection,
        failed="The folder shows which forms were tried, and what was refused.",
        needs=(_MEET,),
        learns=FORM,
    ),
    Step(
        name="their voice",
        group="their party",
        title="17. Their voices",
        says="As before.",
        do=voice,
        failed="Look whether the microphone on the console is muted.",
        needs=("their connection",),
        learns=("rtp.clock",),
    ),
    Step(
        name="their leave",
        group="their party",
        title="18. We leave",
        says="We leave, and see that PlayStation confirms it.",
        do=leave,
        failed="Leave it by hand: `partyline leave`, or in the PlayStation App.",
        needs=(_MEET,),
    ),
)
