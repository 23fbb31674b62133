"""What becomes of a body by its type and its encoding."""

from __future__ import annotations

import gzip
import json
import zlib

import pytest

from captures.model import Body
from captures.scrub.bodies import MAX_BODY_BYTES, BodyScrubber
from tests.captures.marks import marking

JSON = json.dumps({"type": "offer", "bo": "secret"}).encode()
SCRUBBED = Body(kind="json", data={"type": "offer", "xx": "xxxxxx"})


def decoded(data: bytes, kind: str = "application/json", encoding: str = "") -> Body:
    return BodyScrubber(marking()).decoded(data, kind, encoding)


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (JSON, ""),
        (gzip.compress(JSON, mtime=0), "gzip"),
        (gzip.compress(JSON, mtime=0), " X-GZip "),
        (zlib.compress(JSON), "deflate"),
        (JSON, "gzip"),  # the proxy has unpacked it already
        (JSON, "br"),
    ],
)
def test_a_body_is_read_through_its_encoding(data: bytes, encoding: str) -> None:
    assert decoded(data, encoding=encoding) == SCRUBBED


@pytest.mark.parametrize(
    ("data", "kind", "encoding", "why"),
    [
        (b"no gzip", "", "gzip", "damaged gzip"),
        (b"packed", "", "br", "compressed with br"),
        (b"packed", "", "zstd", "compressed with zstd"),
        (b"x", "text/html", "", "a page, picture or script"),
        (b" <html>", "", "", "a page, picture or script"),
        (b"x" * (MAX_BODY_BYTES + 1), "", "", "over 4 MiB"),
    ],
)
def test_what_is_left_out_says_why(data: bytes, kind: str, encoding: str, why: str) -> None:
    assert decoded(data, kind, encoding) == Body(kind="left-out", data=why)


def test_four_mebibytes_are_not_too_many_and_a_packed_body_is_cut_there() -> None:
    assert MAX_BODY_BYTES == 4 * 1024 * 1024
    most = b"[]" + b" " * (MAX_BODY_BYTES - 2)
    assert decoded(most) == decoded(gzip.compress(most + b" x"), encoding="gzip") == Body(kind="json", data=[])


@pytest.mark.parametrize(
    ("data", "kind", "body"),
    [
        (b"", "", Body()),
        (b"[8]", "", Body(kind="json", data=[7])),
        (b"8", "application/json", Body(kind="text", data="7")),
        (b"a=secret&b=", "Application/X-WWW-Form-URLencoded", Body(kind="form", data=[["a", "xxxxxx"], ["b", ""]])),
        (b"a secret", "text/plain", Body(kind="text", data="x xxxxxx")),
        (b"me", "text/plain", Body(kind="text", data="me")),
        (b"\xff\xfe", "", Body(kind="bytes", data="//8=")),
    ],
)
def test_a_body_is_what_it_can_be_read_as(data: bytes, kind: str, body: Body) -> None:
    assert decoded(data, kind) == body
