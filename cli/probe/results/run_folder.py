"""The folder of a run, which is a capture folder (readable by `partyline capture`), `probe.json`, and two pages.

Everything from outside passes the scrubber of `captures`, like a recorded capture, and is then verified.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from captures import folder as captures
from captures.model import Capture, CapturedFrame, Exchange, RawExchange, RawFrame
from captures.scrub.fakes import Fakes
from captures.scrub.http import scrub
from captures.scrub.scrubber import Scrubber
from captures.scrub.verify import Leak, verify
from cli.probe.results.run_pages import page, protocol
from cli.probe.results.run_record import FORMAT, CallRecord, RunRecord, StepRecord
from common.config.tables import PsnSettings
from common.errors import PartylineError
from common.files.paths import write_atomically
from common.files.state import UNUSABLE
from common.messages import PushEvent
from common.psn.http.trace import Traced
from common.psn.party.push import EVENT

RECORD, PAGE, PROTOCOL = "probe.json", "probe.md", "protocol.md"
_ID = re.compile(r"\{\w*\}")
_STAND_IN = "00000000-0000-4000-8000-000000000000"
"""Placeholder for an id that the trace omits. The scrubber replaces it."""


class FolderError(PartylineError):
    """A folder of a run that cannot be read or written."""

    code = "probe.folder"


def keep(
    place: Path, record: RunRecord, traced: Sequence[Traced], events: Iterable[tuple[float, PushEvent]], before: Capture
) -> list[Leak]:
    """Write the whole folder. Return the values in it that may be real. Raises `FolderError`.

    `before` is the folder's capture before the run was resumed.
    """
    capture = joined(before, scrub(exchanges(traced, events), "probe"))
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in (captures.ABOUT, captures.EXCHANGES, captures.FRAMES):
            (place / name).unlink(missing_ok=True)
        captures.write(place, capture)
        clean = scrubbed(record)
        write_atomically(place / RECORD, msgspec.json.format(msgspec.json.encode(clean)) + b"\n")
        write_atomically(place / PAGE, page(clean).encode())
        write_atomically(place / PROTOCOL, protocol(capture).encode())
    except OSError as error:
        raise FolderError(
            f"{place} cannot be written: {error.strerror}.",
            "Free some disk space or fix the permissions, then run it again.",
        ) from error
    return verify(place)


def read(place: Path) -> RunRecord:
    """Return the record of a run's folder. Raises `FolderError`."""
    try:
        record = msgspec.json.decode((place / RECORD).read_bytes(), type=RunRecord)
    except (OSError, *UNUSABLE) as error:
        raise FolderError(
            f"{place} is not a folder of `partyline probe`. Its {RECORD} cannot be read.", "Name the folder of a run."
        ) from error
    if record.format != FORMAT:
        raise FolderError(
            f"{place} has format {record.format}, but this version reads only format {FORMAT}.", "Run the probe again."
        )
    return record


def joined(before: Capture, now: Capture) -> Capture:
    """Return the capture of a resumed run, the earlier part first."""
    n, at = len(before.exchanges), max((one.at for one in before.exchanges), default=0.0)
    moved = tuple(msgspec.structs.replace(one, n=one.n + n, at=round(one.at + at, 4)) for one in now.exchanges)
    frames = tuple(
        msgspec.structs.replace(one, exchange=one.exchange + n, at=round(one.at + at, 4)) for one in now.frames
    )
    about = msgspec.structs.replace(now.about, exchanges=n + len(moved), frames=len(before.frames) + len(frames))
    every: tuple[Exchange, ...] = (*before.exchanges, *moved)
    all_frames: tuple[CapturedFrame, ...] = (*before.frames, *frames)
    return Capture(about=about, exchanges=every, frames=all_frames)


# --- what came, as exchanges --------------------------------------------------------------------------


def exchanges(traced: Sequence[Traced], events: Iterable[tuple[float, PushEvent]]) -> list[RawExchange]:
    """Return the traced calls, and the push events as messages of one WebSocket."""
    found = [_exchange(call) for call in traced]
    frames = [RawFrame(at, from_client=False, data=_frame(event)) for at, event in events]
    if frames:
        url = PsnSettings().push_socket_url.format(fqdn=urlsplit(PsnSettings().push_url).hostname)
        found.append(RawExchange("GET", url, at=frames[0].at, status=101, frames=frames))
    return sorted(found, key=lambda one: one.at)


def _exchange(call: Traced) -> RawExchange:
    base = getattr(PsnSettings(), f"{call.host}_url", "") or PsnSettings().mobile_url
    host = (urlsplit(base).hostname or "").replace("{fqdn}", urlsplit(PsnSettings().push_url).hostname or "")
    error = {"referenceId": call.reference_id, "code": call.code, "message": call.message}
    refused = not 200 <= call.status < 400
    return RawExchange(
        method=call.method,
        url=f"https://{host}{_ID.sub(_STAND_IN, call.path)}",
        at=call.at - call.ms / 1000,
        took=call.ms / 1000,
        body=json.dumps(call.sent).encode() if call.sent else b"",
        status=call.status,
        answer=json.dumps({"error": error}).encode() if refused else b"",
    )


def _frame(event: PushEvent) -> str:
    contexts = [{"contextId": context, "sequenceNumber": number} for context, number in event.contexts]
    fields: dict[str, Any] = {"method": EVENT, "dataType": event.data_type, "body": {"data": event.data}}
    return json.dumps({**fields, "contexts": contexts} if contexts else fields)


# --- words of others -----------------------------------------------------------------------------------


def scrubbed(record: RunRecord) -> RunRecord:
    """Return a record in which the words of others are scrubbed."""
    scrubber = Scrubber(Fakes())

    def clean(text: str) -> str:
        return scrubber.plain(text, words=True)

    calls: tuple[CallRecord, ...] = tuple(msgspec.structs.replace(call, said=clean(call.said)) for call in record.calls)
    steps: tuple[StepRecord, ...] = tuple(msgspec.structs.replace(step, said=clean(step.said)) for step in record.steps)
    return msgspec.structs.replace(record, calls=calls, steps=steps)
