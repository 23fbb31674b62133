"""The first steps: who is signed in, and the push channel."""

from __future__ import annotations

from cli.probe.steps.context import Skipped, StepContext
from cli.probe.steps.step import ProbeStep
from cli.shared.terminal import span
from common.errors import SignInError
from common.messages import PushState
from common.requests import LeaveParty, SetVoiceChat, WhoAmI

REGIONS = {"GB": "the United Kingdom", "IE": "Ireland"}
VOICE_CHAT = 3


async def signed_in(context: StepContext) -> None:
    found = await context.ask(WhoAmI())
    auth = found.auth
    if auth.state not in ("signed_in", "refreshing"):
        raise SignInError("Nobody is signed in.", "Run `partyline login`, then `partyline probe` again.")
    context.show(f"Signed in as {auth.online_id or auth.account_id}.")
    left = auth.refresh_expires_at - context.began
    context.report(
        f"An account is signed in. The sign-in is valid for at most {span(left)}."
        if left > 0
        else "An account is signed in."
    )
    if region := REGIONS.get(auth.country):
        context.report(
            f"The account belongs to {region}. Since June 2026 it needs a verified age for parties, and a new account "
            "is not verified. That is the likely cause if creating or joining a party is refused."
        )
    if auth.is_child:
        context.report("It is a child account. Its family settings may forbid parties.")


async def alone(context: StepContext) -> None:
    """Be in no party before the run begins."""
    if context.listener.party.phase == "none":
        context.report("We are not in a party.")
        return
    if not await context.operator.agree(
        "You are in a party now. The probe leaves it first, which the others see. Continue?"
    ):
        raise Skipped("you stay in your party.")
    await context.ask(LeaveParty())
    if not await context.listener.until(lambda: context.listener.party.phase == "none", context.limits.shape_s):
        raise SignInError("Leaving the present party failed.", "Run `partyline leave`, then try again.")
    context.report("We left the party that we were in.")


async def push_open(context: StepContext) -> None:
    def state() -> PushState | None:
        found = context.listener.latest(PushState)
        return found if found is not None and found.connected else None

    found = await context.listener.until(state, context.limits.push_s)
    if found is None:
        last = context.listener.latest(PushState)
        raise SignInError(
            f"The push channel is not open: {last.detail if last else 'no message from signaling'}",
            "See `partyline status` for the cause.",
        )
    reply = {True: "answered", False: "not answered", None: "not sent (protocol 2.1 has none)"}[found.answered]
    context.report(f"The push channel is open with protocol {found.protocol}. Its first frame (1003) was {reply}.")


async def voice_chat(context: StepContext) -> None:
    await context.ask(SetVoiceChat(active=True))

    def kind() -> int:
        found = context.listener.latest(PushState)
        return found.keep_alive_type if found is not None else 0

    await context.listener.until(lambda: kind() == VOICE_CHAT, 2.0)
    context.report(f"The push server accepted the keep-alive type for voice chat (1007). Type {kind()} is active.")


STEPS = (
    ProbeStep(
        name="sign-in",
        group="account",
        title="1. The sign-in",
        description="The probe asks auth which account is signed in, and what the token says about the account.",
        do=signed_in,
        advice="Nothing else can be found out without a sign-in.",
    ),
    ProbeStep(
        name="no party",
        group="account",
        title="2. No party",
        description="The run starts without a party.",
        do=alone,
        advice="Leave the party with `partyline leave`.",
        needs=("sign-in",),
    ),
    ProbeStep(
        name="push",
        group="account",
        title="3. The push channel",
        description="The probe asks serveraddr for a server, opens the WebSocket as idle, and sends frame 1003.",
        do=push_open,
        advice="`partyline trace` shows the replies. A company network may block WebSockets.",
        needs=("sign-in",),
        learns=("push.authorise",),
    ),
    ProbeStep(
        name="voice chat",
        group="account",
        title="4. Voice chat on the push channel",
        description="The probe changes the keep-alive type on the open socket (1007), as the app does before a party.",
        do=voice_chat,
        advice="Continue. A create or join repeats it.",
        needs=("push",),
    ),
)
