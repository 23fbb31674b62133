"""A reader for HAR files, mitmproxy flow files and capture folders, which detects the kind."""

from __future__ import annotations

import re
from pathlib import Path

from captures import folder
from captures.folder import CaptureError
from captures.model import Capture, RawExchange
from captures.read import flows, har
from captures.scrub.http import scrub

MAX_BYTES = 1 << 30
_FLOWS = re.compile(rb"[0-9]{1,12}:")


def scrub_source(source: Path) -> Capture:
    """Return the content of `source`, scrubbed. Its `about.damage` says what was lost. Raises `CaptureError`."""
    if source.is_dir():
        capture, damage = folder.read(source)
        return scrub(folder.to_raw(capture), "folder", damage)
    data = _data(source)
    if _FLOWS.match(data):
        return _checked(source, "flows", *flows.read(data))
    if data.lstrip()[:1] == b"{" or data.startswith(b"\xef\xbb\xbf"):
        return _checked(source, "har", *har.read(data.decode("utf-8-sig", "replace")))
    raise CaptureError(
        f"{source} is no HAR file and no mitmproxy flow file.",
        "Export the traffic as HAR, or save the flows with mitmproxy 7 or newer, then try again.",
    )


def _data(source: Path) -> bytes:
    try:
        if source.stat().st_size > MAX_BYTES:
            raise CaptureError(f"{source} is over 1 GiB.", "Export a shorter piece of it.")
        data = source.read_bytes()
    except OSError as error:
        raise CaptureError(f"{source} cannot be read: {error.strerror}.", "Check the name of the file.") from error
    if not data.strip():
        raise CaptureError(f"{source} is empty.", "Export the traffic again.")
    return data


def _checked(source: Path, kind: str, found: list[RawExchange], damage: str) -> Capture:
    if not found:
        raise CaptureError(
            f"{source} holds no exchange that can be read{': ' + damage if damage else ''}.",
            "Export the traffic again.",
        )
    return scrub(found, "flows" if kind == "flows" else "har", damage)
