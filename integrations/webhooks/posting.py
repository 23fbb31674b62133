"""One request of a webhook over HTTP. Redirects are not followed, cookies not kept, bodies not read."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp

from common.config.integration_tables import Webhook
from common.psn.http import sessions
from integrations.webhooks import bodies, verdicts
from integrations.webhooks.verdicts import ReceiverVerdict

CONNECT_S = 5.0
ANSWER_S = 15.0
"""Time limit of one request. Standard Webhooks recommends 15 to 30 s."""


@dataclass(frozen=True)
class HookMessage:
    """The body of one request, and its id, which stays the same when it is tried again."""

    id: str
    content: bytes


Post = Callable[[HookMessage], Awaitable[ReceiverVerdict]]


@asynccontextmanager
async def opened(hook: Webhook) -> AsyncIterator[Post]:
    """Yield what POSTs to that webhook. A certificate or proxy that cannot be used raises `PartylineError`."""
    timeout = aiohttp.ClientTimeout(total=ANSWER_S, sock_connect=CONNECT_S)
    async with sessions.session(hook.url, timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()) as session:

        async def post(message: HookMessage) -> ReceiverVerdict:
            now = time.time()
            headers = bodies.headers(message.id, message.content, hook.secret, now)
            try:
                async with session.post(
                    hook.url, data=message.content, headers=headers, allow_redirects=False
                ) as answer:
                    return verdicts.judge(answer.status, answer.headers.get("Retry-After"), now)
            except sessions.CONNECTION_FAULTS as error:
                return verdicts.unreachable(error)

        yield post
