"""Steps in our own party, in which we are the older member."""

from __future__ import annotations

from cli.probe.observe.observations import OfferBehaviour
from cli.probe.operators import ConsoleAction
from cli.probe.steps import meeting
from cli.probe.steps.context import Skipped, StepContext
from cli.probe.steps.step import ProbeStep
from common.errors import PartyError
from common.requests import CreateParty, InvitePeople

FORM = ("frame.line", "frame.offset-8", "sdp.ssrc", "sdp.answer-clock", "customdata4.place-1", "frame.unfit")


async def create(context: StepContext) -> None:
    context.party.enter()
    state = await context.ask(CreateParty(open=True))
    context.show(f"The party's id is {state.session_id}.")
    context.report("The party was created. Friends can join, and nobody else is in it.")


async def view(context: StepContext) -> None:
    if not await context.listener.until(lambda: context.has_evidence("party.view-key"), context.limits.shape_s):
        raise PartyError("The view of our party could not be read.", "`partyline trace` shows the reply.")
    mine = context.listener.mine
    order = mine.join_order if mine else 0
    context.report(f"The view was read. Our own joinOrder is {order or 'unknown'}.")


async def custom_data(context: StepContext) -> None:
    """Report our own data. The create call carries customData4. customData3 is published once somebody is there."""
    others = len(context.listener.others)
    context.report(f"customData3 is not published without other members. {others} others are in the party.")


async def console_joins(context: StepContext) -> None:
    name = await context.operator.answer(
        "Online id of the account on the console, for an invitation (empty: it joins without one):"
    )
    if name:
        await context.ask(InvitePeople(online_ids=(name,)))
        context.report("An invitation was sent to the account on the console.")
    words = "Join this party on the console, by the invitation or from your friends list."
    peer = await meeting.wait_for_join(
        context, ConsoleAction("join", words, context.listener.party.session_id), context.listener.others
    )
    member = context.listener.others.get(peer)
    alias = context.alias(peer)
    context.report(f"Member {alias} joined on {member.platform if member else 'an unknown platform'}.")
    meeting.report_offers(context, "console joins")


async def second_joins(context: StepContext) -> None:
    words = "If you have a second console, or a friend with one, join the party there too."
    action = ConsoleAction("join second", words, context.listener.party.session_id)
    peer = await meeting.wait_for_join(context, action, context.listener.others)
    context.report(f"Member {context.alias(peer)} joined.")
    meeting.report_offers(context, "second joins")
    await meeting.wait_for_connections(context, [peer])


async def connection(context: StepContext) -> None:
    await meeting.wait_for_connections(context, context.listener.others)


async def voice(context: StepContext) -> None:
    words = "Speak on the console for some seconds, with its microphone on."
    await meeting.wait_for_voices(context, context.listener.others, ConsoleAction("speak", words))


async def console_leaves(context: StepContext) -> None:
    peer = offerer(context) or next(iter(context.listener.others), "")
    words = "Leave the party on the console."
    await meeting.wait_for_leave(context, peer, ConsoleAction("leave", _of(context, peer, words), peer=peer))


async def glare(context: StepContext) -> None:
    """Have a member that offers as a newcomer come back, and meet its offer with a local one."""
    before = set(context.listener.others)
    peer = offerer(context)
    if not peer:
        raise Skipped("no member that joins this party offers by itself, so there is no glare.")
    words = "Join the party on that console again."

    async def wait() -> None:
        action = ConsoleAction("come back", words, context.listener.party.session_id, peer)
        async with context.operator.request(action) as declined:
            if not await context.until(
                lambda: set(context.listener.others) - before, context.limits.action_s, declined
            ):
                raise Skipped("nobody came back.")
        await meeting.wait_for_glare(context)

    await context.hold_offers(wait, meets=True)
    meeting.report_glare(context, "glare, we are older")
    await meeting.wait_for_connections(context, [peer])


async def leave(context: StepContext) -> None:
    if error := await context.party.leave():
        context.show(error)
    if context.party.left is False:
        raise PartyError("The leave was not confirmed.", "Run `partyline leave`.")
    context.report("We left the party, and PlayStation confirmed it.")


def offerer(context: StepContext) -> str:
    """Return the peer key of a member that offered after joining our own party, or ""."""
    names = {
        one.who
        for one in context.listener.observed
        if isinstance(one, OfferBehaviour) and one.offered and not one.older
    }
    met = context.listener.evidence.members.aliases()
    return next((peer for peer, alias in met.items() if alias in names), "")


def _of(context: StepContext, peer: str, words: str) -> str:
    member = context.listener.others.get(peer)
    who = f" ({member.online_id or member.account_id}, {member.platform})" if member else ""
    return f"{words[:-1]}{who}."


STEPS = (
    ProbeStep(
        name="create",
        group="own party",
        title="5. Our own party",
        description="The probe creates a party that friends can join.",
        visible="Friends of this account can see the party.",
        do=create,
        advice="Sony's reply is above. A child account, or one without a verified age, may not create parties.",
        needs=("push", "no party"),
        learns=("headers.native",),
    ),
    ProbeStep(
        name="view",
        group="own party",
        title="6. The view of the party",
        description="The probe reads the party by REST, for its key, the format of its times, and the joinOrder.",
        do=view,
        advice="Continue. Push events still report who joins. `partyline trace` shows the status of the reply.",
        needs=("create",),
        learns=("party.view-key", "party.view-timestamp", "headers.native"),
    ),
    ProbeStep(
        name="custom data",
        group="own party",
        title="7. Our own data",
        description="The create call had customData4. customData3 names the others, so it is not published yet.",
        do=custom_data,
        advice="Continue. It is published again with the next change.",
        needs=("create",),
    ),
    ProbeStep(
        name="console joins",
        group="own party",
        title="8. The console joins",
        description="Our offers are held back for some seconds, to see whether the console offers.",
        visible="The account on the console gets an invitation if you name it.",
        do=console_joins,
        advice="Try an invitation from the PlayStation App, or make the two accounts friends.",
        needs=("create",),
        learns=("offer.first", *FORM),
    ),
    ProbeStep(
        name="connection",
        group="own party",
        title="9. The connection",
        description="Offers and answers are exchanged. Each form of message is tried until a connection carries sound.",
        do=connection,
        advice="The folder shows the forms that were tried, and the refused messages.",
        needs=("console joins",),
        learns=("headers.native", *FORM),
    ),
    ProbeStep(
        name="voice",
        group="own party",
        title="10. The voice",
        description="The console's RTP is decoded and measured: clock, codec, losses, seconds of speech.",
        do=voice,
        advice="Check whether the microphone of the console is muted, and see `partyline status`.",
        needs=("connection",),
        learns=("rtp.clock",),
    ),
    ProbeStep(
        name="second joins",
        group="own party",
        title="11. A second console (optional)",
        description="Two members with a smaller and a larger account id than yours show which rule decides who offers.",
        do=second_joins,
        advice="Continue. The step is optional, and its unknown stays narrowed.",
        needs=("connection",),
        learns=("offer.first",),
    ),
    ProbeStep(
        name="console leaves",
        group="own party",
        title="12. The console leaves",
        description="The probe reads where the event of the leave states its cause.",
        do=console_leaves,
        advice="Continue. The shape of the event stays unknown.",
        needs=("console joins",),
        learns=("party.left-cause-place",),
    ),
    ProbeStep(
        name="glare, we are older",
        group="own party",
        title="13. Glare, with us as the older member",
        description="We meet the console's offer with one of ours before we answer it, to see whether it answers ours.",
        do=glare,
        advice="Continue. The rule stays narrowed.",
        needs=("console leaves", "connection"),
        learns=("glare.rule",),
    ),
    ProbeStep(
        name="leave",
        group="own party",
        title="14. We leave",
        description="We leave the party and check that PlayStation confirms it.",
        do=leave,
        advice="Leave the party with `partyline leave`, or in the PlayStation App.",
        needs=("create",),
    ),
)
