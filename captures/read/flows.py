"""A reader for mitmproxy's flow files (a tnetstring a flow), without mitmproxy, whose pins clash with ours.

``<length>:<data><type>``, types ``,`` bytes, ``;`` text, ``#`` integer, ``^`` float, ``!`` boolean, ``~`` null,
``]`` list, ``}`` dictionary. Written by mitmproxy 7 and later (where WebSockets belong to their HTTP flow).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from captures.model import RawExchange, RawFrame
from common.psn.shapes import as_dict, as_int, as_list

MAX_DEPTH = 60
OLDEST = 11
"""Flow format of mitmproxy 7."""


class _DamagedError(ValueError):
    pass


def read(data: bytes) -> tuple[list[RawExchange], str]:
    """Return the HTTP exchanges of a flow file, and a description of its damage ("" if none)."""
    found: list[RawExchange] = []
    at, notes, others = 0, [], 0
    while at < len(data):
        try:
            flow, at = _item(data, at, 0)
        except (ValueError, RecursionError) as error:
            notes.append(
                f"the file is damaged or cut off at byte {at} ({error}); {len(found)} exchanges before it stay"
            )
            break
        exchange = exchange_of(as_dict(flow))
        if exchange is None:
            others += 1
        else:
            found.append(exchange)
    if others:
        notes.append(f"{others} flows are no HTTP, or older than mitmproxy 7")
    return found, "; ".join(notes)


def records(pipe: BinaryIO) -> Iterator[dict[str, Any]]:
    """Yield the dictionaries from `pipe` until it ends. An incomplete last one is dropped."""
    while True:
        length = bytearray()
        while (digit := pipe.read(1)).isdigit():
            length += digit
        if digit != b":" or not length:
            return
        rest = pipe.read(int(length) + 1)
        if len(rest) <= int(length):
            return
        yield as_dict(_item(bytes(length) + b":" + rest, 0, 0)[0])


def _item(data: bytes, at: int, depth: int) -> tuple[Any, int]:
    colon = data.find(b":", at, at + 13)
    if depth > MAX_DEPTH:
        raise _DamagedError("nested too deep")
    if colon < 0 or not data[at:colon].isdigit():
        raise _DamagedError("no length where one is expected")
    start, end = colon + 1, colon + 1 + int(data[at:colon])
    if end >= len(data):
        raise _DamagedError("it ends within a value")
    return _typed(data, start, end, depth), end + 1


def _typed(data: bytes, start: int, end: int, depth: int) -> Any:
    kind, raw = data[end : end + 1], data[start:end]
    if kind == b",":
        return raw
    if kind == b";":
        return raw.decode("utf-8", "replace")
    if kind == b"]":
        return _items(data, start, end, depth)
    if kind == b"}":
        items = _items(data, start, end, depth)
        return {_text(name): value for name, value in zip(items[::2], items[1::2], strict=True)}
    return _simple(kind, raw)


def _simple(kind: bytes, raw: bytes) -> float | bool | None:
    if kind == b"#":
        return int(raw)
    if kind == b"^":
        return float(raw)
    if kind == b"!":
        return raw == b"true"
    if kind == b"~":
        return None
    raise _DamagedError(f"unknown type {kind!r}")


def _items(data: bytes, at: int, end: int, depth: int) -> list[Any]:
    found = []
    while at < end:
        item, at = _item(data, at, depth + 1)
        found.append(item)
    if at != end:
        raise _DamagedError("a value is longer than what holds it")
    return found


def exchange_of(flow: dict[str, Any]) -> RawExchange | None:
    """Return a flow's exchange, or None if it is not HTTP or older than mitmproxy 7."""
    request, response = as_dict(flow.get("request")), as_dict(flow.get("response"))
    if _text(flow.get("type")) != "http" or not request or as_int(flow.get("version")) < OLDEST:
        return None
    start, end = _time(request.get("timestamp_start")), _time(response.get("timestamp_end"))
    socket = as_dict(flow.get("websocket"))
    return RawExchange(
        method=_text(request.get("method")).upper(),
        url=_url(request),
        at=start,
        took=max(0.0, end - start) if end else 0.0,
        headers=_headers(request),
        body=_bytes(request.get("content")),
        status=as_int(response.get("status_code")),
        answer_headers=_headers(response),
        answer=_bytes(response.get("content")),
        frames=[frame for entry in as_list(socket.get("messages")) if (frame := frame_of(as_list(entry))) is not None],
    )


def _url(request: dict[str, Any]) -> str:
    scheme, host, path = (_text(request.get(name)) for name in ("scheme", "host", "path"))
    headers = {name.casefold(): value for name, value in _headers(request)}
    named = _text(request.get("authority")) or headers.get("host", "")
    name = (named.rpartition(":")[0] if ":" in named and not named.endswith("]") else named) or host
    port = as_int(request.get("port"))
    shown = "" if port in (0, 80, 443) else f":{port}"
    return f"{scheme}://{name}{shown}{path}"


def _headers(message: dict[str, Any]) -> list[tuple[str, str]]:
    pairs = [as_list(pair) for pair in as_list(message.get("headers"))]
    return [(_text(pair[0]), _text(pair[1])) for pair in pairs if len(pair) == 2]


def frame_of(entry: list[Any]) -> RawFrame | None:
    """Return a WebSocket message of ``[opcode, from client, content, time, dropped, …]``."""
    if len(entry) < 4:
        return None
    content = _bytes(entry[2])
    data = content if as_int(entry[0]) == 2 else content.decode("utf-8", "replace")
    return RawFrame(at=_time(entry[3]), from_client=bool(entry[1]), data=data)


def _time(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value if isinstance(value, str) else ""


def _bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else _text(value).encode("utf-8", "replace")
