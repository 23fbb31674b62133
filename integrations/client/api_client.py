"""One lasting connection to the API: the present state, every change, requests. It comes back by itself.

::

    async def main() -> None:
        client = ApiClient(access, Subscribe(id=0, topics=("peer.speaking",)), listener)
        await client.run()          # until cancelled

`ApiClient.topics` is the state that was subscribed to: topic with its key → message, as in `StateSnapshot.topics`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from typing import Any, Protocol

import msgspec
import structlog
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, WebSocketException
from websockets.typing import Subprotocol

from common.api import SUBPROTOCOL
from common.api.frames import ErrorAnswer, Since, Subscribe
from common.api.keys import KeyGrant
from common.errors import PartylineError
from integrations.client.access import ApiAccess, ApiAccessError, ApiAwayError

WAITS_S = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
"""Waits between two tries, the last one for all further ones. A restart of the dashboard takes 2 s."""
OPEN_S = 10.0
ANSWER_S = 70.0
"""More than the server waits for a worker."""
SUBSCRIPTION = 0
"""Id of the subscription's frames. Those of requests begin at 1."""
BAD_KEY = 4401
"""Close code for a key that was revoked meanwhile."""

_STATUS = "See `partyline status`."

Log = structlog.stdlib.BoundLogger


class ApiListener(Protocol):
    """What is done with what the client hears. All calls come from the event loop that runs the client.

    They return at once: while one works, nothing else is read. Work that lasts belongs into a task of the listener,
    with a bounded queue. Whoever lets 3000 frames wait is cut off by the server, and connects again.
    """

    def on_state(self, topics: dict[str, Any]) -> None:
        """Take the whole state, after each connection. What was missed meanwhile may follow as events."""

    def on_event(self, topic: str, message: Any) -> None:
        """Take one change. `message` None means that the topic is gone. `ApiClient.topics` has it already."""

    def on_lost(self) -> None:
        """Note that nothing is known any more until the next `on_state` or `on_event`."""


class ApiClient:
    """See the module."""

    def __init__(self, find: Callable[[], ApiAccess], wanted: Subscribe, listener: ApiListener) -> None:
        self.topics: dict[str, Any] = {}
        self._find = find
        self._wanted = wanted
        self._listener = listener
        self._since: Since | None = None
        self._run = ""
        self._socket: ClientConnection | None = None
        self._ids = 0
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._grant = KeyGrant(key_id="", name="", right="read")
        self._log: Log = structlog.get_logger("api")

    @property
    def connected(self) -> bool:
        return self._socket is not None

    def may(self, request: str) -> bool:
        """Return whether the key may make a request of this name. True only after the first connection."""
        return self._grant.may(request)

    async def run(self) -> None:
        """Stay connected until cancelled.

        An API that is away is waited for. Raises `PartylineError` for what a person has to change: a wrong address, a
        key that is refused, another program at that port.
        """
        tries = 0
        while True:
            try:
                async for _ in self._frames(await asyncio.to_thread(self._find)):
                    if tries:
                        self._log.info("the API is there again")
                    tries = 0
            except ApiAwayError as error:
                if not tries:
                    self._log.warning("waits for the API", error=error.message, remedy=error.remedy)
            await asyncio.sleep(WAITS_S[min(tries, len(WAITS_S) - 1)])
            tries += 1

    async def subscribe(self, wanted: Subscribe) -> None:
        """Replace the subscription. `on_state` follows. Without a connection it counts from the next one on."""
        self._wanted = wanted
        self._since = None  # another subscription needs the whole state
        if self._socket is not None:
            with contextlib.suppress(ConnectionClosed):  # `run` sees it too
                await self._send_wanted(self._socket)

    async def ask(self, request: str, **fields: Any) -> Any:
        """Make one request, and return its reply as JSON values.

        Raises `ApiAwayError` while there is no connection, and `PartylineError` with the server's words.
        """
        if self._socket is None:
            raise ApiAwayError("partyline is not connected at the moment.", _STATUS)
        self._ids += 1
        number = self._ids
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(ANSWER_S):
                await self._socket.send(json.dumps({"op": "request", "id": number, "do": request, "fields": fields}))
                return await answer
        except ConnectionClosed as error:
            raise ApiAwayError("The connection to partyline was lost.", _STATUS) from error
        except TimeoutError as error:
            raise ApiAwayError(f"partyline did not answer within {ANSWER_S:.0f} s.", _STATUS) from error
        finally:
            self._answers.pop(number, None)

    # --- one connection ------------------------------------------------------------------------------

    async def _frames(self, at: ApiAccess) -> AsyncIterator[None]:
        """Yield once for each frame. Raises `ApiAwayError` when the connection is lost."""
        try:
            async with connect(
                at.events_url, additional_headers=at.headers, subprotocols=[Subprotocol(SUBPROTOCOL)],
                proxy=None, open_timeout=OPEN_S, max_size=None,
            ) as socket:  # fmt: skip
                await self._send_wanted(socket)
                async for text in socket:
                    self._take(socket, json.loads(text))
                    yield
        except InvalidStatus as error:
            raise _refused(at, error) from error
        except ConnectionClosed as error:
            if error.rcvd is not None and error.rcvd.code == BAD_KEY:
                raise ApiAccessError(
                    "The API key was revoked.", "Make one with `partyline api key add NAME`."
                ) from error
        except InvalidHandshake as error:
            if isinstance(error.__cause__, (EOFError, ConnectionError)):  # it went away meanwhile
                raise ApiAwayError(f"The API at {at.base} does not answer.", _STATUS) from error
            raise ApiAccessError(
                f"{at.base} does not answer as partyline does: {error}.", "Check the address."
            ) from error
        except (OSError, TimeoutError, WebSocketException) as error:
            raise ApiAwayError(f"The API at {at.base} does not answer.", _STATUS) from error
        finally:
            self._lost()
        raise ApiAwayError("The connection to partyline was lost.", _STATUS)

    async def _send_wanted(self, socket: ClientConnection) -> None:
        wanted = msgspec.structs.replace(self._wanted, id=SUBSCRIPTION, since=self._since)
        await socket.send(msgspec.json.encode(wanted).decode())

    def _lost(self) -> None:
        if self._socket is None:
            return
        self._socket = None
        error = ApiAwayError("The connection to partyline was lost.", _STATUS)
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(error)
        self._listener.on_lost()

    def _take(self, socket: ClientConnection, frame: dict[str, Any]) -> None:
        op = frame["op"]
        if op == "hello":
            self._run = frame["run"]
            self._grant = KeyGrant(key_id="", name="", right=frame["right"], also=tuple(frame.get("also", ())))
        elif op == "snapshot":
            self._socket = socket
            self._since = Since(run=frame["run"], number=frame["number"])
            self.topics = dict(frame["topics"])
            self._listener.on_state(self.topics)
        elif op == "resumed":
            self._socket = socket
            self._listener.on_state(self.topics)
        elif op == "event":
            self._event(frame)
        elif op in ("answer", "error"):
            self._answered(frame)

    def _event(self, frame: dict[str, Any]) -> None:
        topic, message = frame["topic"], frame["message"]
        if frame["number"] is not None:
            self._since = Since(run=self._run, number=frame["number"])
            if message is None:
                self.topics.pop(topic, None)
            else:
                self.topics[topic] = message
        self._listener.on_event(topic, message)

    def _answered(self, frame: dict[str, Any]) -> None:
        answer = self._answers.get(frame["id"])
        if answer is None or answer.done():
            if frame["op"] == "error" and frame["id"] == SUBSCRIPTION:
                raise _error(frame["error"])
            return  # whoever asked does not wait any more
        if frame["op"] == "error":
            answer.set_exception(_error(frame["error"]))
        else:
            answer.set_result(frame["result"])


def _error(body: dict[str, Any]) -> PartylineError:
    return PartylineError(body["message"], body.get("remedy", ""), code=body["code"])


def _refused(at: ApiAccess, error: InvalidStatus) -> PartylineError:
    status = error.response.status_code
    with contextlib.suppress(msgspec.DecodeError):
        refused = msgspec.json.decode(error.response.body or b"", type=ErrorAnswer).error
        if status >= 500 or status == 429:  # two kinds of "later"
            return ApiAwayError(refused.message, refused.remedy, code=refused.code)
        return ApiAccessError(refused.message, refused.remedy, code=refused.code)
    if status >= 500 or status == 429:
        return ApiAwayError(f"The API at {at.base} does not serve at the moment ({status}).", _STATUS)
    return ApiAccessError(f"{at.base} refused the connection ({status}).", "Check the address.")
