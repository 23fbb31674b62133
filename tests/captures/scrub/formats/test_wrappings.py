"""Each encoding is read through, and written as it was."""

from __future__ import annotations

import base64

import pytest

from tests.captures.marks import marking
from tests.captures.scrub.formats.test_miranda import ACCOUNT, MARKED, frame


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


@pytest.mark.parametrize(
    ("text", "scrubbed"),
    [
        ('{"type":"offer","bo":"x"}', '{"type":"offer","xx":"x"}'),
        ('{"type": "offer", "bo": "x"}', '{"type": "offer", "xx": "x"}'),
        (' [{"bo":8}]', '[{"xx":7}]'),
        ("{cut", "{xxx"),
        ("a=8&bo=secret", "a=7&xx=xxxxxx"),
        ("%22secret%22", "%22xxxxxx%22"),
        ("100%", "777%"),
        ("v=0\r\ns=Bo", "v=0\r\ns=xx"),
        ("a=candidate:1 1 udp 1 93.184.216.119 5 typ host", "a=candidate:7 1 udp 1 192.0.2.1 55555 typ host"),
        ("ver=1.0, type=binary, body=secret", "ver=1.0, type=binary, body=xxxxxx"),
        (b64(b"a secret\nmessage"), b64(b"x xxxxxx\nxxxxxxx")),
        (b64(b'{"bo":"secret"}'), b64(b'{"xx":"xxxxxx"}')),
        (b64(frame()), b64(frame(account=MARKED))),
        ("see https://example.com/x now", "xxx https://xxxxxxx.xxx/x xxx"),
        ("at m.np.playstation.com", "xx m.np.playstation.com"),
        ("4b7e91d2-08c5-4a36-9f1b-c3d75e208a64", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
        ("93.184.216.119", "192.0.2.1"),
        ("999.1.1.1", "777.7.7.7"),
        ("93-184-216-119", "192-0-2-1"),
        ("2a02::1", "2001:db8::1"),
        ("a:b::zz", "x:x::xx"),
        ("secret_base64-like/with+chars", "xxxxxx_xxxx77-xxxx/xxxx+xxxxx"),
        ("tab\there\x00", "xxx\txxxx-"),
        ("竜", "x"),
        ("1234567890123456", "7777777777777777"),
        ("deadbeef00", "xxxxxxxx77"),
        ("a000a000", "x777x777"),  # printable text if it were base64
        ("session_4b7e91d2-08c5-4a36-9f1b-c3d75e208a64", "xxxxxxx_ffffffff-ffff-ffff-ffff-ffffffffffff"),
    ],
)
def test_a_text_is_read_in_its_encoding(text: str, scrubbed: str) -> None:
    assert marking().text(text) == scrubbed


@pytest.mark.parametrize("order", ["little", "big"])
def test_bytes_in_base64_are_replaced_if_a_known_id_is_in_them(order: str) -> None:
    data = b"\x00\x01" + ACCOUNT.to_bytes(8, order) + b"\xff"  # type: ignore[arg-type]
    fake = b"\xff\xff" + MARKED.to_bytes(8, order) + b"\xff"  # type: ignore[arg-type]
    assert marking(ACCOUNT).text(b64(data)) == b64(fake)
    assert marking().text(b64(data)) != b64(fake), "else it is a word like any other"
    assert marking(ACCOUNT).text(b64(data[2:])) == b64(fake[2:]), "the last eight bytes count too"
    assert marking(ACCOUNT).text(b64(data[:-1])) == b64(fake[:-1]), "at the very end too"


def test_seven_bytes_are_no_id() -> None:
    small = 10**15 + 5
    text = b64(b"\x00\xff" + small.to_bytes(7, "little"))
    assert marking(small).text(text) == marking().text(text)
