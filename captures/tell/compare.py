"""A comparison of our client's requests with the app's, from two captures. No I/O.

It compares the calls, the order of those that change something, names of headers, parameters and fields, values that
scrubbing left in place, the frames and descriptions between members, and the intervals of repeated calls. Effects of
the transport (the proxy, HTTP/2, compression) are omitted, since the client does not choose them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

import msgspec

from captures import calls
from captures.model import Body, Capture, CapturedMessage, Exchange
from captures.scrub.allow_list import HEADERS, may_stay
from captures.tell.schema import merged
from captures.tell.signals import CapturedSdp, CapturedSignal, descriptions, dialect, signals
from common.psn.sdp.text import BadSdp

OF_THE_WAY = frozenset(
    """host content-length connection transfer-encoding accept-encoding keep-alive proxy-connection upgrade
    sec-websocket-key sec-websocket-version sec-websocket-extensions cache-control pragma""".split()  # noqa: SIM905
)
"""Headers that HTTP's version, the proxy or the library's transport sets."""
OFTEN = 3
"""Least calls of a kind whose intervals are compared."""
PACE_FACTOR, PACE_S = 2.0, 5.0
"""Intervals differ if they do so by more than this factor and this number of seconds."""
SOCKET = "GET /np/pushNotification"
SEQUENCE_S = 0.005
"""Least time from an answer to a call that follows it. With less, the two calls count as concurrent."""


@dataclass(frozen=True)
class CaptureDifference:
    """One difference. `ours` and `app` are the values found there, "" for none."""

    call: str
    what: str
    app: str
    ours: str


def compare(app: Capture, ours: Capture) -> list[CaptureDifference]:
    """Return the differences of `ours` from `app`, without repeats."""
    groups = _groups(app), _groups(ours)
    found = [*_calls(*groups), *_order(*groups)]
    for name in groups[0]:
        if name in groups[1]:
            found += _call(name, groups[0][name], groups[1][name])
    found += [*_push(app, ours), *_signaling(_sent(app), _sent(ours))]
    return list(dict.fromkeys(found))


def _groups(capture: Capture) -> dict[str, list[Exchange]]:
    found: dict[str, list[Exchange]] = {}
    for exchange in sorted(capture.exchanges, key=lambda e: (e.at, e.n)):
        found.setdefault(calls.name_of(exchange), []).append(exchange)
    return found


_Groups = Mapping[str, list[Exchange]]


def _calls(app: _Groups, ours: _Groups) -> Iterator[CaptureDifference]:
    for name in dict.fromkeys([*app, *ours]):
        if name not in ours:
            yield CaptureDifference(name, "call that we do not make", f"{len(app[name])} times", "")
        elif name not in app:
            yield CaptureDifference(name, "call that the app does not make", "", f"{len(ours[name])} times")
        elif _counts(name) and len(app[name]) != len(ours[name]):
            yield CaptureDifference(name, "how often", str(len(app[name])), str(len(ours[name])))


def _counts(name: str) -> bool:
    """Return whether a call's number matters. Reads are harmless, and the number of member messages varies."""
    return not name.startswith("GET ") and not name.endswith("/customMessage")


def _order(app: _Groups, ours: _Groups) -> Iterator[CaptureDifference]:
    """Yield pairs of calls that the app made one after the other's answer, and we in reverse order.

    Reads and messages between members may be concurrent with everything else.
    """
    names = [name for name in app if name in ours and (_counts(name) or name == SOCKET)]
    for place, first in enumerate(names):
        for then in names[place + 1 :]:
            if _before(app[first][0], app[then][0]) and _before(ours[then][0], ours[first][0]):
                yield CaptureDifference(then, "order", f"after {first}", "before it")


def _before(one: Exchange, other: Exchange) -> bool:
    return one.at + one.took + SEQUENCE_S < other.at


def _call(name: str, app: list[Exchange], ours: list[Exchange]) -> Iterator[CaptureDifference]:
    yield from _names(name, "header", _headers(app), _headers(ours))
    yield from _names(name, "parameter", _queries(app), _queries(ours))
    yield from _bodies(name, [e.request.body for e in app], [e.request.body for e in ours])
    yield from _pace(name, app, ours)


_Values = dict[str, set[str]]


def _headers(exchanges: list[Exchange]) -> _Values:
    """Return header (lower case) → values, with "" for values that scrubbing replaces."""
    found: _Values = {}
    for exchange in exchanges:
        for name, value in exchange.request.headers:
            if name.casefold() not in OF_THE_WAY:
                values = found.setdefault(name.casefold(), set())
                values.add(value if name.casefold() in HEADERS else "")
    return found


def _queries(exchanges: list[Exchange]) -> _Values:
    found: _Values = {}
    for exchange in exchanges:
        for name, value in exchange.query:
            found.setdefault(name, set()).add(value if may_stay(value, name) else "")
    return found


def _names(name: str, what: str, app: _Values, ours: _Values) -> Iterator[CaptureDifference]:
    for key in dict.fromkeys([*app, *ours]):
        if key not in ours:
            yield CaptureDifference(name, f"{what} that we do not send", key, "")
        elif key not in app:
            yield CaptureDifference(name, f"{what} that the app does not send", "", key)
        elif app[key] != ours[key]:
            yield CaptureDifference(name, f"value of {what} {key}", _listed(app[key]), _listed(ours[key]))


def _listed(values: Iterable[str]) -> str:
    return ", ".join(sorted(value or "…" for value in values))


def _bodies(name: str, app: list[Body], ours: list[Body]) -> Iterator[CaptureDifference]:
    kinds = {body.kind for body in app}, {body.kind for body in ours}
    if kinds[0] != kinds[1]:
        yield CaptureDifference(name, "kind of body", _listed(kinds[0]), _listed(kinds[1]))
        return
    yield from _names(name, "field", _fields(app), _fields(ours))


def _fields(bodies: list[Body]) -> _Values:
    """Return field → its types and the values that scrubbing left."""
    data = [dict(body.parameters) if body.kind == "form" else body.data for body in bodies]
    found = {path.lstrip("."): set(field.types) for path, field in merged(data).items()}
    for item in data:
        for path, value in _leaves(item, ""):
            key = path.rpartition(".")[2].removesuffix("[]")
            if isinstance(value, str) and value and may_stay(value, key):
                found.setdefault(path, set()).add(f'"{value}"')
    return found


def _leaves(data: object, path: str) -> Iterator[tuple[str, object]]:
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _leaves(value, f"{path}.{key}".lstrip("."))
    elif isinstance(data, list):
        for value in data:
            yield from _leaves(value, f"{path}[]")
    else:
        yield path, data


def _pace(name: str, app: list[Exchange], ours: list[Exchange]) -> Iterator[CaptureDifference]:
    if min(len(app), len(ours)) < OFTEN:
        return
    one, other = (median(b.at - a.at for a, b in pairwise(some)) for some in (app, ours))
    if abs(one - other) > PACE_S and max(one, other) > PACE_FACTOR * min(one, other):
        yield CaptureDifference(name, "pace", f"every {one:.1f} s", f"every {other:.1f} s")


# --- push and voice ---------------------------------------------------------------------------------


def _push(app: Capture, ours: Capture) -> Iterator[CaptureDifference]:
    told = [[frame.body for frame in capture.frames if frame.sender == "client"] for capture in (app, ours)]
    if any(told):
        yield from _bodies("messages to the push server", *told)


def _sent(capture: Capture) -> Capture:
    """Return the capture with requests only, without answers and frames."""
    asked = tuple(msgspec.structs.replace(exchange, response=CapturedMessage()) for exchange in capture.exchanges)
    return msgspec.structs.replace(capture, exchanges=asked, frames=())


def _signaling(app: Capture, ours: Capture) -> Iterator[CaptureDifference]:
    found = signals(app), signals(ours)
    if all(found):
        yield from _names("messages between members", "field", *(_frame_values(some) for some in found))
    tables = [_dialects(descriptions(capture, some)) for capture, some in zip((app, ours), found, strict=True)]
    for kind in tables[0].keys() & tables[1].keys():
        yield from _names(f"SDP of {kind}s", "line", tables[0][kind], tables[1][kind])


def _frame_values(found: list[CapturedSignal]) -> _Values:
    values: _Values = {}
    for signal in found:
        frame = signal.frame
        told = {"channel": signal.channel, "readable": str(frame is not None)}
        if frame is not None:
            told |= {
                "version": frame.version.hex(" "), "prefix": frame.prefix.strip(), "counter": str(frame.counter),
                "platform": str(frame.sender_platform), "type": frame.text_type,
                "other keys": " ".join(sorted(frame.message.extra)),
                "header's sender": str(frame.sender_account_id == frame.message.sender.account_id),
            }  # fmt: skip
        for name, value in told.items():
            values.setdefault(name, set()).add(value)
    return values


def _dialects(found: list[CapturedSdp]) -> dict[str, _Values]:
    """Return kind of description → line → its values, merged over all of a kind."""
    tables: dict[str, _Values] = {}
    for sdp in found:
        table = tables.setdefault(sdp.kind, {})
        try:
            told = dialect(sdp.text)
        except BadSdp as error:
            told = {"unreadable": [error.message]}
        for name, values in told.items():
            table.setdefault(name, set()).update(values)
    return tables


# --- for people -------------------------------------------------------------------------------------


def notes(app: Capture, ours: Capture) -> list[str]:
    """Return remarks that are not differences, such as who offered, and the limits of the replay."""
    kinds = [sorted({s.frame.message.kind for s in signals(_sent(c)) if s.frame}) for c in (app, ours)]
    if kinds[0] == kinds[1]:
        return []
    shown = [" and ".join(f"{kind}s" for kind in some) or "nothing" for some in kinds]
    return [f"The app sent {shown[0]}, we {shown[1]}: who offers depends on who is faster."]
