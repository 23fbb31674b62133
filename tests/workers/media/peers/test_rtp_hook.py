"""Another version of aiortc or aioice, built otherwise, is told of at the start, not at the first voice."""

from __future__ import annotations

import aioice
import pytest
from aiortc.rtcdtlstransport import RTCDtlsTransport

from workers.media.peers.rtp_hook import HookMissingError, check_hook, parse_rtp
from workers.media.receive.buffer.packet_buffer import Rtp


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (RTCDtlsTransport, "_handle_rtcp_data"),
        (RTCDtlsTransport, "_validate_peer_identity"),
        (aioice.Connection, "check_incoming"),
        (aioice.Connection, "query_consent"),
    ],
)
def test_what_is_missing_is_noticed(monkeypatch: pytest.MonkeyPatch, owner: type, name: str) -> None:
    check_hook()
    monkeypatch.delattr(owner, name)
    with pytest.raises(HookMissingError):
        check_hook()


def test_rtp_with_padding_sources_and_extension_gives_the_bare_payload() -> None:
    head = bytes([0xB1, 0xE0, 0x12, 0x34]) + bytes(3) + b"\x07" + bytes(3) + b"\x09" + bytes(4)
    data = head + b"\xbe\xde\x00\x01" + b"\x10\xff\x00\x00" + b"opus" + b"\x00\x00\x03"
    assert parse_rtp(data) == Rtp(0x1234, 7, 9, 0x60, b"opus")
