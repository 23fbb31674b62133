"""Runs the webhooks of the settings, and tries them out."""

from __future__ import annotations

import asyncio
import time

import structlog
from stamina.instrumentation import get_on_retry_hooks, set_on_retry_hooks

from common.api.frames import Subscribe
from common.config.integration_tables import SPEECH_EVENTS, WebhooksSettings
from common.config.tables import Settings
from common.errors import PartylineError
from integrations.catalogue import Around, CheckedPart
from integrations.client.api_client import ApiClient
from integrations.client.together import together
from integrations.webhooks.delivery import HookDelivery
from integrations.webhooks.notifier import Notifier
from integrations.webhooks.observed import TOPICS
from integrations.webhooks.occurrences import HookEvent


async def run(around: Around) -> None:
    """Run until cancelled."""
    wanted = _wanted(around.settings)
    deliveries = [HookDelivery(name, hook) for name, hook in wanted.hooks.items()]

    def tell(event: HookEvent) -> None:
        for delivery in deliveries:
            delivery.put(event)

    client = ApiClient(around.find, Subscribe(id=0, topics=TOPICS), Notifier(wanted.speech_hold_s, tell))
    told_speech = [name for name, hook in wanted.hooks.items() if set(hook.events) & set(SPEECH_EVENTS)]
    structlog.get_logger("webhooks").info(
        "runs", integration="webhooks", webhooks=list(wanted.hooks), told_who_speaks=told_speech
    )
    hooks = get_on_retry_hooks()
    set_on_retry_hooks(())  # each webhook says once, in words, that it is tried again
    try:
        await together(client.run(), *(delivery.run() for delivery in deliveries))
    finally:
        set_on_retry_hooks(hooks)


async def check(around: Around, only: str = "") -> list[CheckedPart]:
    """Send the event `test` to each webhook, whatever it is sent otherwise, or to the one called `only`."""
    hooks = _wanted(around.settings).hooks
    if only and only not in hooks:
        raise PartylineError(f"There is no webhook {only[:40]!r}.", f"Webhooks: {', '.join(hooks)}.")
    names = [only] if only else list(hooks)
    return list(await asyncio.gather(*(_tried(name, around) for name in names)))


async def _tried(name: str, around: Around) -> CheckedPart:
    event = HookEvent("test", time.time(), {"webhook": name}, f"This is a test of partyline's webhook “{name}”.")
    began = time.monotonic()
    try:
        verdict = await HookDelivery(name, around.settings.webhooks.hooks[name]).send_once(event)
    except PartylineError as error:
        return CheckedPart(name, error.message, error.remedy, works=False)
    if verdict.do != "done":
        return CheckedPart(name, verdict.words, verdict.remedy, works=False)
    return CheckedPart(name, f"The receiver took a test event within {time.monotonic() - began:.1f} s.")


def _wanted(settings: Settings) -> WebhooksSettings:
    if not settings.webhooks.hooks:
        raise PartylineError(
            "No webhook is set up.", "Add one with `partyline config edit`; notes/integrations/webhooks.md shows how."
        )
    return settings.webhooks
