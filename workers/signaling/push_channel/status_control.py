"""Our requests on an open push channel: 1003 to authorise it, then 1007 for each keep-alive type. No sockets."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import aiohttp
import structlog

from common.config.tables import PsnSettings
from common.errors import PartyError
from common.psn.party import push
from common.requests import Token
from workers.signaling.push_channel.keep_alive import KNOWN, KeepAliveTiming
from workers.signaling.push_channel.reconnect_policy import ConnectionEnd, FailureKind
from workers.signaling.push_channel.transactions import NoAnswerError, ReturnCodeError, Transactions

BROKEN = (aiohttp.ClientError, ConnectionError, RuntimeError)
"""Errors of sending on a socket that is being closed."""


@dataclass(frozen=True)
class ConnectionTerms:
    """The protocol and token of a connection."""

    protocol: str
    token: Token = field(repr=False)


class StatusControl:
    """The requests of one connection. `on_no_answer` is called when one was not answered: the link may be dead."""

    def __init__(
        self, psn: PsnSettings, terms: ConnectionTerms, transactions: Transactions, on_no_answer: Callable[[], None]
    ) -> None:
        self._psn = psn
        self._terms = terms
        self._transactions = transactions
        self._on_no_answer = on_no_answer
        self.kind = psn.keep_alive_type if terms.protocol == "3.0" else psn.keep_alive_type_2_1
        """The keepAliveStatusType in force. 3.0 always begins as idle, whatever was requested from serveraddr."""
        self.answered: bool | None = None
        """Whether the 1003 was answered, None if none was sent."""
        self._switching = asyncio.Lock()
        self._log = structlog.get_logger("signaling")

    async def authorise(self) -> ConnectionEnd | None:
        """Send the one 1003 of this connection. Return why the connection cannot be used, None if it can.

        Protocol 2.1 has no such frame.
        """
        if self._terms.protocol != "3.0":
            return None
        token = self._terms.token

        def frame(tran_id: str) -> bytes:
            return push.authorise_frame(token.account_id, token.access_token, tran_id)

        try:
            await self._transactions.request(push.AUTHORISE, frame)
            self.answered = True
        except NoAnswerError as error:
            self.answered = False
            # Whether every server answers is unknown, so go on, but check that it answers anything.
            self._log.warning("the push server does not answer the first frame (1003)", error=str(error))
            self._on_no_answer()
        except ReturnCodeError as error:
            words = f"The push server refused our sign-in ({error})."
            return ConnectionEnd(FailureKind.UNAUTHORIZED, words, error.retry_s)
        except BROKEN as error:
            return ConnectionEnd(
                FailureKind.LOST, f"The connection broke while it was opened ({type(error).__name__})."
            )
        return None

    async def switch(self, kind: int) -> KeepAliveTiming | None:
        """Switch the server to another keepAliveStatusType. Return its timing, None if there is nothing to switch.

        Raises `PartyError` if the server does not switch. Protocol 2.1 has no such frame, since its type was in the
        query.
        """
        async with self._switching:
            if self._terms.protocol != "3.0" or self.kind == kind:
                return None
            try:
                answer = await self._transactions.request(push.STATUS, lambda tran_id: push.status_frame(kind, tran_id))
            except NoAnswerError as error:
                self._on_no_answer()
                raise _not_switched(f"did not answer within {self._psn.push_answer_s:g} s") from error
            except ReturnCodeError as error:
                raise _not_switched(f"refused it ({error})") from error
            except BROKEN as error:
                raise _not_switched("closed the connection") from error
            self.kind = kind
            named = answer.keep_alive or push.KeepAliveTold()
            timing = KNOWN.get(kind, KeepAliveTiming()).with_server_values(named, self._psn.keep_alive_s)
            self._log.info("keep-alive", type=kind, interval_s=timing.interval_s)
            return timing


def _not_switched(words: str) -> PartyError:
    return PartyError(
        f"The push server {words} when it was asked for voice chat, and so no party can be joined.",
        "Try again in a minute. If it repeats, see `partyline status` and report it.",
        code="session.party-no-voice-chat",
    )
