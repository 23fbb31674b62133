"""The differences of a capture from the project's expectations, for a maintainer when Sony changes something."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from captures import calls
from captures.model import Body, Capture, Exchange
from captures.tell import expectations
from captures.tell.markdown import code
from captures.tell.schema import merged
from captures.tell.signals import CapturedSdp, CapturedSignal, dialect
from common.psn.known import DATA_TYPES
from common.psn.sdp.text import BadSdp


def unexpected(capture: Capture, signals: list[CapturedSignal], sdps: list[CapturedSdp]) -> list[str]:
    """Return one Markdown item for each difference, without repeats."""
    found = [*_calls(capture), *_values(capture), *_push(capture), *_frames(signals), *_sdps(sdps)]
    return list(dict.fromkeys(found))


def _calls(capture: Capture) -> Iterator[str]:
    groups: dict[str, list[Exchange]] = {}
    for exchange in capture.exchanges:
        if calls.endpoint(exchange) is None:
            yield f"new call: {code(f'{exchange.method} {calls.host_of(exchange)}{exchange.path}')}"
        else:
            groups.setdefault(calls.name_of(exchange), []).append(exchange)
    for name, exchanges in groups.items():
        known = expectations.FIELDS.get(name)
        if known is None:
            continue
        bodies = [body for e in exchanges for message in (e.request, e.response) for body in _objects(message.body)]
        for path in _top(set(merged(bodies)) - known - expectations.ERROR):
            yield f"new field of {code(name)}: {code(path.lstrip('.'))}"


def _objects(body: Body) -> Iterator[object]:
    if body.kind == "json":
        yield body.data
    elif body.kind == "form":
        yield dict(body.parameters)


def _top(paths: Iterable[str]) -> list[str]:
    """Return the topmost paths, without those below them."""
    found: list[str] = []
    for path in sorted(paths):
        if not any(re.match(rf"{re.escape(above)}(?:\[\])*\.", path) for above in found):
            found.append(path)
    return found


def _values(capture: Capture) -> Iterator[str]:
    for exchange in capture.exchanges:
        for name, value in exchange.request.headers:
            values = expectations.HEADERS.get(name.casefold())
            if values is not None and value not in values:
                ours = " and ".join(map(code, values))
                yield f"changed value of header {code(name)}: {code(value)}, we have {ours}"
        for name, value in (*exchange.query, *exchange.request.body.parameters):
            known = expectations.FORM.get(name)
            if known is not None and value != known:
                yield f"changed value of parameter {code(name)}: {code(value)}, we have {code(known)}"


def _push(capture: Capture) -> Iterator[str]:
    bodies = [frame.body.data for frame in capture.frames if frame.body.kind == "json"]
    for body in bodies:
        data_type = body.get("dataType") if isinstance(body, dict) else None
        if isinstance(data_type, str) and data_type not in DATA_TYPES:
            yield f"new push dataType: {code(data_type)}"
    for path in _top(set(merged(bodies)) - expectations.PUSH_FIELDS):
        yield f"new field of push messages: {code(path.lstrip('.'))}"


def _frames(signals: list[CapturedSignal]) -> Iterator[str]:
    for signal in signals:
        if signal.channel != expectations.CHANNEL:
            yield f"changed channel of customMessage: {code(signal.channel)}, we have {code(expectations.CHANNEL)}"
        frame = signal.frame
        if frame is None:
            yield f"a customMessage that we cannot read: {signal.problem}"
            continue
        told = {"version": frame.version.hex(" "), "prefix": frame.prefix.strip(), "type": frame.text_type}
        for name, value in told.items():
            if value != expectations.FRAME[name]:
                yield f"changed {name} of miranda frames: {code(value)}, we have {code(expectations.FRAME[name])}"
        if frame.reserved_4 or frame.reserved_12 or any(frame.reserved_28):
            yield "bytes of the miranda header that were always 0 are not"
        if frame.sender_account_id != frame.message.sender.account_id:
            yield "a miranda header names another account than its message"
        for key in frame.message.extra:
            yield f"new key of miranda messages: {code(key)}"


def _sdps(sdps: list[CapturedSdp]) -> Iterator[str]:
    for sdp in sdps:
        try:
            told = dialect(sdp.text)
        except BadSdp as error:
            yield f"a description that we cannot read: {error.message}"
            continue
        opus = next((v for v in told.get("audio rtpmap", []) if " opus/" in v), "")
        number, _, name = opus.partition(" ")
        parameters = next((v for v in told.get("audio fmtp", []) if v.startswith(number + " ")), "").partition(" ")[2]
        seen = {"opus": name, "opus parameters": parameters, "audio ptime": ", ".join(told.get("audio ptime", []))}
        for what, value in seen.items():
            if value != expectations.SDP[what]:
                ours = code(expectations.SDP[what])
                yield f"changed {what} in SDP ({sdp.kind}): {code(value) or 'none'}, we have {ours}"
