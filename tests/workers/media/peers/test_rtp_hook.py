"""Another version of aiortc or aioice, built otherwise, is told of at the start, not at the first voice."""

from __future__ import annotations

import aioice
import pytest
from aiortc.rtcdtlstransport import RTCDtlsTransport

from workers.media.peers.rtp_hook import HookMissingError, check_hook


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
