"""Steps in the console's party, in which we are the newcomer."""

from __future__ import annotations

from cli.probe.operators import ConsoleAction
from cli.probe.steps import meeting
from cli.probe.steps.context import Skipped, StepContext
from cli.probe.steps.own_party import FORM, leave
from cli.probe.steps.step import ProbeStep
from common.requests import JoinParty

JOIN_S = 90.0
_MEET = "we join them"


async def join(context: StepContext) -> None:
    words = "On the console, create a party, and invite this account or copy the party's link."
    async with context.operator.request(ConsoleAction("have a party", words, waited_for=False)):
        pass
    target = context.link or await context.operator.answer(
        "Then enter its share link or id (empty: you were invited, or it is the only party that you can join):"
    )

    async def enter() -> None:
        context.party.enter()
        await context.ask(JoinParty(target=target), JOIN_S)
        if not await context.listener.until(lambda: context.listener.others, context.limits.shape_s):
            raise Skipped("nobody else is in that party.")
        await meeting.wait_for_glare(context)

    await context.hold_offers(enter, meets=True)
    context.report(f"We joined a party of {len(context.listener.others)} others as the newcomer.")
    meeting.report_offers(context, _MEET)
    meeting.report_glare(context, _MEET)


async def connection(context: StepContext) -> None:
    await meeting.wait_for_connections(context, context.listener.others)


async def voice(context: StepContext) -> None:
    words = "Speak on the console for some seconds."
    await meeting.wait_for_voices(context, context.listener.others, ConsoleAction("speak", words))


STEPS = (
    ProbeStep(
        name=_MEET,
        group="their party",
        title="15. The console's party",
        description="We join the console's party, hold our offers back, and meet an offer with one of ours.",
        visible="The members of that party see us join.",
        do=join,
        advice="Sony's reply is above. The party may be full, closed, or over.",
        needs=("push", "no party"),
        learns=("offer.first", "glare.rule"),
    ),
    ProbeStep(
        name="their connection",
        group="their party",
        title="16. The connection as newcomer",
        description="The same as step 9, with us as the newer member.",
        do=connection,
        advice="The folder shows the forms that were tried, and the refused messages.",
        needs=(_MEET,),
        learns=FORM,
    ),
    ProbeStep(
        name="their voice",
        group="their party",
        title="17. The voices as newcomer",
        description="The same as step 10, with us as the newer member.",
        do=voice,
        advice="Check whether the microphone of the console is muted.",
        needs=("their connection",),
        learns=("rtp.clock",),
    ),
    ProbeStep(
        name="their leave",
        group="their party",
        title="18. We leave",
        description="We leave the party and check that PlayStation confirms it.",
        do=leave,
        advice="Leave the party with `partyline leave`, or in the PlayStation App.",
        needs=(_MEET,),
    ),
)
