"""What a DTLS client offers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from workers.media.guard import client_hello


def test_what_a_client_offers_is_read_from_its_hello() -> None:
    suites = b"\xc0\x2f\xc0\x13\x12\x34\x00\xff"
    body = b"\xfe\xfd" + bytes(32) + b"\x00" + b"\x00" + len(suites).to_bytes(2, "big") + suites + b"\x01\x00"
    data = b"\x16\xfe\xff" + bytes(10) + b"\x01" + bytes(11) + body
    found = client_hello.read(data)
    assert found == client_hello.ClientHello(
        "DTLS 1.2", ("ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-SHA", "0x1234")
    )
    assert [client_hello.read(data[:length]) for length in range(len(data) - 2)].count(None) > 50


@given(st.binary(max_size=120))
def test_any_bytes_are_an_offer_or_none(data: bytes) -> None:
    found = client_hello.read(b"\x16" + data)
    assert found is None or len(found.suites) <= client_hello.MOST
