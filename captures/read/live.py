"""A live capture. The records of mitmdump's addon are scrubbed at once, and only then written.

Scrubbing afterwards is better in one respect. Here an id that first appears within binary data is not yet known as
an id, so it gets another fake than its later forms. It is replaced all the same.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import msgspec

from captures import folder
from captures.folder import CaptureError
from captures.model import Capture, CaptureAbout, CapturedFrame, Exchange, RawExchange
from captures.read import flows
from captures.scrub.fakes import Fakes
from captures.scrub.formats.url import host_of, is_psn
from captures.scrub.http import ExchangeScrubber
from common.psn.shapes import as_dict, as_list, as_text

UNENDED = "the capture was not ended properly"


@dataclass(frozen=True)
class CertificateRefused:
    """The client refused the proxy's certificate for this host."""

    host: str


@dataclass(frozen=True)
class TurnedAway:
    """A refused connection, by a device other than the phone (`phone`, its address), or by it to this machine."""

    host: str
    phone: str = ""


Seen = Exchange | CapturedFrame | CertificateRefused | TurnedAway


class LiveFolder:
    """A growing capture folder. Each line is written, unbuffered, before the next record is read."""

    def __init__(self, place: Path) -> None:
        """Create it. Raises `CaptureError`, also if a capture exists there."""
        self.place = place
        self._about = CaptureAbout(source="live", damage=UNENDED)
        folder.write(place, Capture(about=self._about))
        self._files: dict[str, IO[bytes]] = {}
        try:
            for name in (folder.EXCHANGES, folder.FRAMES):
                self._files[name] = (place / name).open("ab", buffering=0)
        except OSError as error:
            raise _unwritable(place, error) from error

    @property
    def about(self) -> CaptureAbout:
        return self._about

    def add(self, item: Exchange | CapturedFrame) -> None:
        """Write a scrubbed exchange or frame. Raises `CaptureError`. What was written before stays."""
        name, counted = (folder.EXCHANGES, "exchanges") if isinstance(item, Exchange) else (folder.FRAMES, "frames")
        line = msgspec.json.encode(item) + b"\n"
        file = self._files[name]
        size = file.seek(0, os.SEEK_END)
        try:
            if file.write(line) != len(line):
                file.truncate(size)
                raise OSError(28, "No space left on device")  # noqa: TRY301  # a short write is how a full disk begins
        except OSError as error:
            raise _unwritable(self.place, error) from error
        self._about = msgspec.structs.replace(self._about, **{counted: getattr(self._about, counted) + 1})

    def other(self) -> None:
        """Count a connection that passed through unread."""
        self._about = msgspec.structs.replace(self._about, other_hosts=self._about.other_hosts + 1)

    def discard(self) -> None:
        """Delete the folder. Nothing was captured."""
        for file in self._files.values():
            file.close()
        for name in (folder.ABOUT, folder.EXCHANGES, folder.FRAMES):
            (self.place / name).unlink(missing_ok=True)
        self.place.rmdir()

    def close(self, damage: str = "") -> None:
        """Finish it. `damage` says what is missing. Raises `CaptureError`."""
        for file in self._files.values():
            file.close()
        self._about = msgspec.structs.replace(self._about, damage=damage)
        folder.write_about(self.place, self._about)


def _unwritable(place: Path, error: OSError) -> CaptureError:
    return CaptureError(
        f"{place} cannot be written: {error.strerror}.", "Free disk space. What was written so far is a valid capture."
    )


class Intake:
    """Turns the addon's records into lines of a folder. Real values stay in memory only, and no longer than needed."""

    def __init__(self, into: LiveFolder) -> None:
        self._into = into
        self._scrubber: ExchangeScrubber | None = None
        self._numbers: dict[str, int] = {}
        """mitmproxy's id of a flow → our `n`."""

    def take(self, record: dict[str, Any]) -> Iterator[Seen]:
        """Write a record's content and yield it."""
        what = as_text(record.get("what"))
        if what == "began" and self._scrubber is None:
            self._scrubber = ExchangeScrubber(Fakes(), float(record.get("at") or 0.0))
        elif what == "exchange":
            yield from self._exchange(record)
        elif what == "frame":
            yield from self._frame(record)
        elif what == "refused":
            yield CertificateRefused(as_text(record.get("host")))
        elif what in {"stranger", "forbidden"}:
            yield TurnedAway(as_text(record.get("host")), as_text(record.get("phone")))
        elif what == "other":
            self._into.other()

    def _exchange(self, record: dict[str, Any]) -> Iterator[Exchange | CapturedFrame]:
        raw = flows.exchange_of(as_dict(record.get("flow")))
        if raw is not None and is_psn(host_of(raw.url)):
            self._numbers[as_text(record.get("id"))] = self._into.about.exchanges
            yield from self.write(raw)

    def write(self, raw: RawExchange) -> Iterator[Exchange | CapturedFrame]:
        """Scrub an exchange with its frames, write them and yield them."""
        if self._scrubber is None:
            self._scrubber = ExchangeScrubber(Fakes(), raw.at)
        number = self._into.about.exchanges
        self._scrubber.exchange(raw, 0)  # learns its ids and names, so that earlier uses in it get the same fakes
        exchange, frames = self._scrubber.exchange(raw, number)
        items: list[Exchange | CapturedFrame] = [exchange, *frames]
        for item in items:
            self._into.add(item)
            yield item

    def _frame(self, record: dict[str, Any]) -> Iterator[CapturedFrame]:
        raw = flows.frame_of(as_list(record.get("message")))
        number = self._numbers.get(as_text(record.get("id")))
        if raw is None or number is None or self._scrubber is None:
            return
        self._scrubber.frame(raw, number)
        frame = self._scrubber.frame(raw, number)
        self._into.add(frame)
        yield frame
