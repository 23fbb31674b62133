"""The first steps: who is signed in, and the push channel."""

from __future__ import annotations

from cli.probe.steps.context import Skipped, Step, Walk
from cli.shared.output import span
from common.errors import SignInError
from common.messages import PushState
from common.requests import LeaveParty, SetVoiceChat, WhoAmI

REGIONS = {"GB": "the United Kingdom", "IE": "Ireland"}
VOICE_CHAT = 3


async def signed_in(walk: Walk) -> None:
    found = await walk.ask(WhoAmI())
    auth = found.auth
    if auth.state not in ("signed_in", "refreshing"):
        raise SignInError("Nobody is signed in.", "Run `partyline login`, then `partyline probe` again.")
    walk.show(f"Signed in as {auth.online_id or auth.account_id}.")
    left = auth.refresh_expires_at - walk.began
    walk.tell(
        f"Somebody is signed in; the sign-in lasts {span(left)} at most." if left > 0 else "Somebody is signed in."
    )
    if region := REGIONS.get(auth.country):
        walk.tell(
            f"The account is of {region}: since June 2026 it may be in parties only when its age is verified, and a "
            "new account is not. If creating or joining is refused, that is the likely cause."
        )
    if auth.is_child:
        walk.tell("It is a child's account: its family settings may forbid parties.")


async def alone(walk: Walk) -> None:
    """Be in no party before the run begins."""
    if walk.watch.party.phase == "none":
        walk.tell("We are in no party.")
        return
    if not await walk.hands.agree("You are in a party now. The probe leaves it first: the others see that. Go on?"):
        raise Skipped("the party you are in is kept.")
    await walk.ask(LeaveParty())
    if not await walk.watch.until(lambda: walk.watch.party.phase == "none", walk.limits.shape_s):
        raise SignInError("The party that we were in was not left.", "Run `partyline leave`, then try again.")
    walk.tell("We have left the party that we were in.")


async def push_open(walk: Walk) -> None:
    def state() -> PushState | None:
        found = walk.watch.now(PushState)
        return found if found is not None and found.connected else None

    found = await walk.watch.until(state, walk.limits.push_s)
    if found is None:
        last = walk.watch.now(PushState)
        raise SignInError(
            f"The push channel is not open: {last.detail if last else 'signaling tells nothing'}",
            "See `partyline status` for what it lacks.",
        )
    said = {True: "answered", False: "not answered", None: "not sent (2.1 has none)"}[found.answered]
    walk.tell(f"The push channel is open over protocol {found.protocol}; its first frame (1003) was {said}.")


async def voice_chat(walk: Walk) -> None:
    await walk.ask(SetVoiceChat(active=True))

    def kind() -> int:
        found = walk.watch.now(PushState)
        return found.keep_alive_type if found is not None else 0

    await walk.watch.until(lambda: kind() == VOICE_CHAT, 2.0)
    walk.tell(f"The push server took the keep-alive type for voice chat (1007); type {kind()} is in force.")


STEPS = (
    Step(
        name="sign-in",
        group="account",
        title="1. Who is signed in",
        says="auth is asked whose sign-in it holds, and what the token says about the account.",
        do=signed_in,
        failed="Without a sign-in nothing else can be found out.",
    ),
    Step(
        name="no party",
        group="account",
        title="2. In no party",
        says="The run begins outside of any party.",
        do=alone,
        failed="Leave the party by hand: `partyline leave`.",
        needs=("sign-in",),
    ),
    Step(
        name="push",
        group="account",
        title="3. The push channel",
        says="serveraddr is asked for a server, the WebSocket is opened as idle, and its first frame (1003) sent.",
        do=push_open,
        failed="`partyline trace` shows what serveraddr and the upgrade met; a company network may block WebSockets.",
        needs=("sign-in",),
        learns=("push.authorise",),
    ),
    Step(
        name="voice chat",
        group="account",
        title="4. Voice chat on the push channel",
        says="The keep-alive type is changed on the open socket (1007), as the app does before a party.",
        do=voice_chat,
        failed="A create or join does the same once more; go on.",
        needs=("push",),
    ),
)
