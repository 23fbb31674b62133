"""Steps in our own party, in which we are the older member."""

from __future__ import annotations

from cli.probe.operators import Wish
from cli.probe.results.observations import Offers
from cli.probe.steps import meeting
from cli.probe.steps.context import Skipped, Step, Walk
from common.errors import PartyError
from common.requests import CreateParty, InvitePeople

FORM = ("frame.line", "frame.offset-8", "sdp.ssrc", "sdp.answer-clock", "customdata4.place-1", "frame.unfit")


async def create(walk: Walk) -> None:
    walk.in_party = True  # from here on a leave is due, even if the call fails
    state = await walk.ask(CreateParty(open=True))
    walk.show(f"The party's id is {state.session_id}.")
    walk.tell("A party was made, friends may join; we are alone in it.")


async def view(walk: Walk) -> None:
    def read() -> bool:
        return any(one.name == "party.view-key" and one.evidence for one in walk.findings())

    if not await walk.watch.until(read, walk.limits.shape_s):
        raise PartyError("The view of our party could not be read.", "`partyline trace` shows what it met.")
    mine = walk.watch.mine
    order = mine.join_order if mine else 0
    walk.tell(f"The view was read; our own joinOrder is {order or 'unknown'}.")


async def custom_data(walk: Walk) -> None:
    """Report our own data. The create call carries customData4. customData3 is published once somebody is there."""
    others = len(walk.watch.others)
    walk.tell(f"Alone nobody tells customData3; {others} others are in the party.")


async def console_joins(walk: Walk) -> None:
    name = await walk.hands.answer("Online id of the account on the console, to invite it (empty: it joins by itself):")
    if name:
        await walk.ask(InvitePeople(online_ids=(name,)))
        walk.tell("An invitation was sent to the account on the console.")
    words = "Join this party on the console (its invitation, or the party in your friends' list)."
    peer = await meeting.comes(walk, Wish("join", words, walk.watch.party.session_id), walk.watch.others)
    member = walk.watch.others.get(peer)
    alias = walk.watch.evidence.alias(peer)
    walk.tell(f"Member {alias} joined: {member.platform if member else 'unknown platform'}, joinOrder known.")
    meeting.tell_offers(walk, "console joins")


async def second_joins(walk: Walk) -> None:
    words = "If you have a second console or a friend with one: join the party there too."
    wish = Wish("join second", words, walk.watch.party.session_id)
    peer = await meeting.comes(walk, wish, walk.watch.others)
    walk.tell(f"Member {walk.watch.evidence.alias(peer)} joined.")
    meeting.tell_offers(walk, "second joins")
    await meeting.connected(walk, [peer])


async def connection(walk: Walk) -> None:
    await meeting.connected(walk, walk.watch.others)


async def voice(walk: Walk) -> None:
    words = "Speak on the console for some seconds, with its microphone on."
    await meeting.heard(walk, walk.watch.others, Wish("speak", words))


async def console_leaves(walk: Walk) -> None:
    peer = offerer(walk) or next(iter(walk.watch.others), "")
    words = "Leave the party on the console."
    await meeting.goes(walk, peer, Wish("leave", _of(walk, peer, words), peer=peer))


async def glare(walk: Walk) -> None:
    """Have a member that offers as a newcomer come back, and meet its offer with a local one."""
    before = set(walk.watch.others)
    peer = offerer(walk)
    if not peer:
        raise Skipped("nobody who joins this party offers by itself, so here there is no glare to see.")
    words = "Join the party on that console again."

    async def wait() -> None:
        wish = Wish("come back", words, walk.watch.party.session_id, peer)
        async with walk.hands.please(wish) as wont:
            if not await walk.until(lambda: set(walk.watch.others) - before, walk.limits.deed_s, wont):
                raise Skipped("nobody came back.")
        await meeting.waits_for_glare(walk)

    await walk.held(wait, meets=True)
    meeting.tell_glare(walk, "glare, we are older")
    await meeting.connected(walk, [peer])


async def leave(walk: Walk) -> None:
    if await walk.leave() is False:
        raise PartyError("The leave was not confirmed.", "Run `partyline leave`.")
    walk.tell("We have left our party, and PlayStation confirmed it.")


def offerer(walk: Walk) -> str:
    """Return the peer key of a member that offered after joining our own party, or ""."""
    names = {one.who for one in walk.watch.observed if isinstance(one, Offers) and one.offered and not one.older}
    met = walk.watch.evidence.met()
    return next((peer for peer, alias in met.items() if alias in names), "")


def _of(walk: Walk, peer: str, words: str) -> str:
    member = walk.watch.others.get(peer)
    who = f" ({member.online_id or member.account_id}, {member.platform})" if member else ""
    return f"{words[:-1]}{who}."


STEPS = (
    Step(
        name="create",
        group="own party",
        title="5. A party of our own",
        says="A party is made that friends may join, with only us in it.",
        visible="Friends of this account may see the party.",
        do=create,
        failed="Sony's code and words are above. An account whose age is not verified, or a child's, may not make one.",
        needs=("push", "no party"),
        learns=("headers.native",),
    ),
    Step(
        name="view",
        group="own party",
        title="6. The view of the party",
        says="The party is read by REST: under which name it answers, how its times are written, and in which order.",
        do=view,
        failed="Push events still tell who joins. `partyline trace` shows the answer's status.",
        needs=("create",),
        learns=("party.view-key", "party.view-timestamp", "headers.native"),
    ),
    Step(
        name="custom data",
        group="own party",
        title="7. Our own data",
        says="customData4 went along with the create; customData3 names the others, so alone there is none to tell.",
        do=custom_data,
        failed="It is told again with the next change.",
        needs=("create",),
    ),
    Step(
        name="console joins",
        group="own party",
        title="8. The console joins: who offers?",
        says="Our own offers are held back for some seconds, so that the console's own offer is seen, if it makes one.",
        visible="The account on the console gets an invitation, if you name it.",
        do=console_joins,
        failed="Try with an invitation from the PlayStation App, or make both accounts friends.",
        needs=("create",),
        learns=("offer.first", *FORM),
    ),
    Step(
        name="connection",
        group="own party",
        title="9. The connection",
        says="Offers and answers go to and fro; every form of message is tried until a connection carries sound.",
        do=connection,
        failed="The folder shows which forms were tried, and what was refused.",
        needs=("console joins",),
        learns=("headers.native", *FORM),
    ),
    Step(
        name="voice",
        group="own party",
        title="10. A voice",
        says="What the console sends is decoded and counted: its RTP clock, codec, losses, seconds of speech.",
        do=voice,
        failed="Look whether the microphone on the console is muted, and whether `partyline status` says 'silent'.",
        needs=("connection",),
        learns=("rtp.clock",),
    ),
    Step(
        name="second joins",
        group="own party",
        title="11. A second console (optional)",
        says="Two members whose account ids are smaller and larger than yours tell apart why somebody offers.",
        do=second_joins,
        failed="It is optional; what it would have shown stays narrowed.",
        needs=("connection",),
        learns=("offer.first",),
    ),
    Step(
        name="console leaves",
        group="own party",
        title="12. The console leaves",
        says="The event that tells of it is read: where it says why.",
        do=console_leaves,
        failed="Go on; what the event looks like stays unknown.",
        needs=("console joins",),
        learns=("party.left-cause-place",),
    ),
    Step(
        name="glare, we are older",
        group="own party",
        title="13. Glare on purpose, we are the older one",
        says="The console's offer is met with one of ours before it is answered: does it answer ours?",
        do=glare,
        failed="Go on; the rule stays narrowed.",
        needs=("console leaves", "connection"),
        learns=("glare.rule",),
    ),
    Step(
        name="leave",
        group="own party",
        title="14. We leave",
        says="We leave our party, and see that PlayStation confirms it.",
        do=leave,
        failed="Leave it by hand: `partyline leave`, or in the PlayStation App.",
        needs=("create",),
    ),
)
