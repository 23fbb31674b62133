"""The capture folder with `capture.json`, `exchanges.jsonl` and `frames.jsonl`, readable by the owner only (0600)."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlencode

import msgspec

from captures.model import (
    FORMAT,
    Body,
    Capture,
    CaptureAbout,
    CapturedFrame,
    CapturedMessage,
    Exchange,
    RawExchange,
    RawFrame,
    fill,
)
from common.errors import PartylineError
from common.files.paths import write_atomically
from common.files.state import UNUSABLE

ABOUT, EXCHANGES, FRAMES = "capture.json", "exchanges.jsonl", "frames.jsonl"
_T = TypeVar("_T", Exchange, CapturedFrame)


class CaptureError(PartylineError):
    """A capture that cannot be read or written."""

    code = "captures.unusable"


def write(folder: Path, capture: Capture) -> None:
    """Write `capture` into `folder`, which is created. Raises `CaptureError`, also if it already holds a capture."""
    if (folder / ABOUT).exists():
        raise CaptureError(f"{folder} holds a capture already.", "Give it another place, or another name.")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_atomically(folder / EXCHANGES, _lines(capture.exchanges))
        write_atomically(folder / FRAMES, _lines(capture.frames))
    except OSError as error:
        raise CaptureError(
            f"{folder} cannot be written: {error.strerror}.", "Name another folder with --out."
        ) from error
    write_about(folder, capture.about)


def write_about(folder: Path, about: CaptureAbout) -> None:
    """Write only `capture.json`. Raises `CaptureError`."""
    try:
        write_atomically(folder / ABOUT, msgspec.json.format(msgspec.json.encode(about)) + b"\n")
    except OSError as error:
        raise CaptureError(
            f"{folder / ABOUT} cannot be written: {error.strerror}.", "Make room, or name another folder with --out."
        ) from error


def _lines(items: tuple[Exchange, ...] | tuple[CapturedFrame, ...]) -> bytes:
    return b"".join(msgspec.json.encode(item) + b"\n" for item in items)


def read(folder: Path) -> tuple[Capture, str]:
    """Return the capture in `folder`, and a description of unreadable parts. Raises `CaptureError`."""
    try:
        about = msgspec.json.decode((folder / ABOUT).read_bytes(), type=CaptureAbout)
    except (OSError, *UNUSABLE) as error:
        raise CaptureError(
            f"{folder} is no capture folder: its {ABOUT} cannot be read.", "See `partyline capture --help`."
        ) from error
    if about.format != FORMAT:
        raise CaptureError(
            f"{folder} has format {about.format}; this partyline reads {FORMAT}.", "Scrub the source again."
        )
    exchanges, lost = _read_lines(folder / EXCHANGES, Exchange)
    frames, lost_frames = _read_lines(folder / FRAMES, CapturedFrame)
    damage = "; ".join(text for text in (lost, lost_frames) if text)
    return Capture(about=about, exchanges=tuple(exchanges), frames=tuple(frames)), damage


def _read_lines(file: Path, kind: type[_T]) -> tuple[list[_T], str]:
    found: list[_T] = []
    try:
        lines = file.read_bytes().splitlines()
    except OSError as error:
        return found, f"{file.name} cannot be read ({error.strerror})"
    bad = 0
    for line in lines:
        try:
            found.append(msgspec.json.decode(line, type=kind))
        except UNUSABLE:
            bad += 1
    return found, f"{bad} of {len(lines)} lines of {file.name} are damaged" if bad else ""


def is_private(folder: Path) -> bool:
    """Return whether only the owner may read the folder's files."""
    return all(not file.stat().st_mode & 0o077 for file in folder.iterdir() if file.is_file())


def texts(folder: Path) -> list[Path]:
    """Return the folder's other files, apart from exchanges and frames."""
    return sorted(file for file in folder.iterdir() if file.is_file() and file.name not in (EXCHANGES, FRAMES))


def path_of(exchange: Exchange) -> str:
    """Return an exchange's path with its (fake) values."""
    try:
        return fill(exchange.path, list(exchange.values))
    except IndexError:
        return exchange.path


def to_raw(capture: Capture) -> list[RawExchange]:
    """Return a capture as raw exchanges, to scrub it again."""
    found: list[RawExchange] = []
    by_number: dict[int, RawExchange] = {}
    for exchange in capture.exchanges:
        query = f"?{urlencode(exchange.query)}" if exchange.query else ""
        raw = RawExchange(
            method=exchange.method,
            url=f"{exchange.scheme}://{exchange.host}{path_of(exchange)}{query}",
            at=exchange.at,
            took=exchange.took,
            headers=list(exchange.request.headers),
            body=body_bytes(exchange.request),
            status=exchange.status,
            answer_headers=list(exchange.response.headers),
            answer=body_bytes(exchange.response),
        )
        found.append(raw)
        by_number[exchange.n] = raw
    for frame in capture.frames:
        if frame.exchange in by_number:
            data = _bytes(frame.body)
            shown = data if frame.binary else data.decode("utf-8", "replace")
            by_number[frame.exchange].frames.append(RawFrame(frame.at, frame.sender == "client", shown))
    return found


def body_bytes(message: CapturedMessage) -> bytes:
    return _bytes(message.body)


def _bytes(body: Body) -> bytes:
    if body.kind == "json":
        return json.dumps(body.data).encode()
    if body.kind == "form":
        return urlencode(body.parameters).encode()
    if body.kind == "bytes":
        try:
            return base64.b64decode(body.data)
        except (TypeError, ValueError):
            return str(body.data).encode("utf-8", "replace")
    return str(body.data).encode() if body.kind == "text" else b""
