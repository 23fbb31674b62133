"""A capture that answers: which recorded answer a call gets, and when the recorded push messages are due. No I/O.

A capture is scrubbed and old, a client is alive: what the client makes up itself (the push context, the device id)
stands in for the recording's, in answers and push messages alike; addresses in SDP become this machine's, where nobody
listens.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from captures import calls, folder
from captures.fakes import made_up
from captures.model import Capture, Exchange, Frame
from common.psn.known import Endpoint, endpoint_of
from common.psn.miranda import BadMiranda, decode_payload, encode_payload

LATE_S = 10.0
"""A push message is sent so much later than recorded where the client does not make the call before it."""
LEAST = 8
"""Characters of a value that is taken for one that the client made up."""
_CANDIDATE = re.compile(r"(a=candidate:\S+ \d+ \S+ \d+) \S+ \d+ ")
_RELATED = re.compile(r" raddr \S+ rport \d+")
_CONNECTION = re.compile(r"(IN IP[46]) [0-9A-Fa-f.:]+")


@dataclass(frozen=True)
class Due:
    """A push message of the server: `delay_s` after the answer to exchange `after` (None: after the socket opened)."""

    frame: Frame
    after: int | None
    delay_s: float


class Aliases:
    """Recorded value → the client's own, learned from what it sends where the app sent something."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def learn(self, recorded: Any, sent: Any) -> None:
        """Walk two bodies (or lists of values) side by side."""
        if isinstance(recorded, dict) and isinstance(sent, dict):
            for key in recorded.keys() & sent.keys():
                self.learn(recorded[key], sent[key])
        elif isinstance(recorded, list | tuple) and isinstance(sent, list | tuple):
            for one, other in zip(recorded, sent, strict=False):
                self.learn(one, other)
        elif isinstance(recorded, str) and isinstance(sent, str) and recorded != sent and _own(recorded):
            self._known[recorded] = sent

    def apply(self, data: Any) -> Any:
        """Return JSON with the client's values, and with SDP that leads nowhere."""
        if isinstance(data, dict):
            return {key: self.apply(value) for key, value in data.items()}
        if isinstance(data, list):
            return [self.apply(item) for item in data]
        return self._text(data) if isinstance(data, str) else data

    def _text(self, text: str) -> str:
        for recorded, own in self._known.items():
            text = text.replace(recorded, own)
        if text.startswith("v=0"):
            return at_home(text)
        return _payload(text) if text.startswith("ver=") else text


def _own(value: str) -> bool:
    return len(value) >= LEAST and value.isascii() and not value.startswith(("ver=", "v=0")) and all(
        made_up(run) for run in re.findall(r"[A-Za-z0-9]+", value.replace("-", ""))
    )  # fmt: skip


def _payload(text: str) -> str:
    try:
        frame = decode_payload(text)
    except BadMiranda:
        return text
    message = msgspec.structs.replace(frame.message, sdp=at_home(frame.message.sdp))
    return encode_payload(msgspec.structs.replace(frame, message=message))


def at_home(sdp: str) -> str:
    """Return SDP whose candidates are on this machine, on a port where nobody answers: made-up addresses may exist."""
    sdp = _CANDIDATE.sub(r"\1 127.0.0.1 9 ", _RELATED.sub(" raddr 127.0.0.1 rport 9", sdp))
    return _CONNECTION.sub(r"IN IP4 127.0.0.1", sdp)


ANSWERED = (1003, 1007)
"""Methods of push frames that the server answers [app]."""


def _asked(data: Any) -> bool:
    return isinstance(data, dict) and data.get("method") in ANSWERED


class Replay:
    """Hands out a capture's answers. `answer` for each call; `due` for each push connection."""

    def __init__(self, capture: Capture) -> None:
        self.aliases = Aliases()
        self._capture = capture
        self._ordered = sorted(capture.exchanges, key=lambda exchange: (exchange.at, exchange.n))
        self._left = [exchange for exchange in self._ordered if exchange.status]
        self._used: dict[str, list[Exchange]] = {}
        self._said = [f.body.data for f in capture.frames if f.sender == "server" and _asked(f.body.data)]
        """Recorded answers to frames of the client, in order."""
        self._sockets = [exchange for exchange in self._ordered if exchange.status == 101]

    def answer(self, role: str, method: str, path: str, query: list[tuple[str, str]], body: Any) -> Exchange | None:
        """Return the recorded exchange that a call is answered by, None where the capture has none.

        The next one of the same call, rather with the same ids; the last one again when there is none left.
        """
        endpoint = endpoint_of(method, role, path)
        if endpoint is None:
            return None
        found = self._next(endpoint, path)
        if found is not None:
            self._learn(found, path, query, body)
        return found

    def _next(self, endpoint: Endpoint, path: str) -> Exchange | None:
        rest = [exchange for exchange in self._left if calls.endpoint(exchange) == endpoint]
        used = self._used.setdefault(endpoint.name, [])
        same = [exchange for exchange in rest if self.aliases.apply(folder.path_of(exchange)) == path]
        for choice in (same, rest):
            if choice:
                self._left.remove(choice[0])
                used.append(choice[0])
                return choice[0]
        again = [exchange for exchange in used if self.aliases.apply(folder.path_of(exchange)) == path] or used
        return again[-1] if again else None

    def _learn(self, recorded: Exchange, path: str, query: list[tuple[str, str]], body: Any) -> None:
        self.aliases.learn(folder.path_of(recorded).split("/"), path.split("/"))
        self.aliases.learn(dict(recorded.query), dict(query))
        known = recorded.request.body
        self.aliases.learn(dict(known.parameters) if known.kind == "form" else known.data, body)

    def socket(self) -> Exchange | None:
        """Return the next recorded push connection, None when there is none left."""
        found = next((exchange for exchange in self._sockets if exchange in self._left), None)
        if found is not None:
            self._left.remove(found)
        return found

    def due(self, socket: Exchange) -> Iterator[Due]:
        """Yield the messages that the server sent through a push connection, in order."""
        acts = [e for e in self._ordered if e.method != "GET" and calls.endpoint(e)]
        before = socket.at + socket.took
        for frame in sorted(self._capture.frames, key=lambda frame: frame.at):
            if frame.exchange != socket.n or frame.sender != "server" or _asked(frame.body.data):
                continue
            anchor = next((e for e in reversed(acts) if socket.at <= e.at <= frame.at), None)
            since = anchor.at + anchor.took if anchor else before
            yield Due(frame, anchor.n if anchor else None, max(0.0, frame.at - since))

    def said(self, asked: Any) -> dict[str, Any] | None:
        """Return what the server says to a frame that wants an answer, None for any other.

        The next recorded answer of its method, with the tranId that came. A capture that has none is answered with 0.
        """
        method = asked.get("method") if isinstance(asked, dict) else None
        if method not in ANSWERED:
            return None
        found = next((one for one in self._said if one["method"] == method), None)
        if found is None:
            found = {"version": "3.0", "method": method, "returnCode": 0}
        else:
            self._said.remove(found)
        return {**found, "tranId": asked.get("tranId", "")}

    @property
    def unused(self) -> list[Exchange]:
        """Recorded exchanges that no call asked for."""
        return self._left
