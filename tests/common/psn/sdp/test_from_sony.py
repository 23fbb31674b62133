"""The other side's description as aiortc accepts it: who shares a transport, and each value that is mended."""

from __future__ import annotations

import pytest

from common.psn.sdp import Kind, from_sony
from tests.common.psn.sdp.samples import ANSWER, OFFER

AUDIO, DATA = OFFER.split("m=application")
KEYS = ("a=ice-ufrag:iNv1\r\n", "a=ice-pwd:inventedPwd000000000001\r\n")
FINGERPRINT = next(line for line in OFFER.split("\r\n") if line.startswith("a=fingerprint"))


def offer(data: str = DATA, *, bundle: str = "") -> str:
    """Return the captured offer with another data section, and with that line instead of its BUNDLE."""
    return AUDIO.replace("a=group:BUNDLE 0 1\r\n", bundle) + "m=application" + data


def bundle_of(sdp: str) -> str:
    return next(line for line in from_sony(sdp, "offer").split("\r\n") if line.startswith("a=group:BUNDLE"))


def without(data: str, *lines: str) -> str:
    for line in lines:
        assert line in data
        data = data.replace(line, "")
    return data


@pytest.mark.parametrize(
    ("sdp", "bundle"),
    [
        (offer(bundle="a=group:BUNDLE 0 1\r\n"), "0 1"),
        (offer(bundle="a=group:BUNDLE 1 0\r\n"), "1 0"),  # the first one's candidates count
        (offer(), "0"),
        (offer(bundle="a=group:BUNDLE 0\r\n"), "0"),
        (offer(without(DATA, *KEYS)), "0 1"),  # data without keys of its own has no transport
        (offer(without(DATA, FINGERPRINT)), "0 1"),
        (AUDIO, "0"),
    ],
)
def test_audio_and_data_share_a_transport_if_they_say_so_or_data_has_no_keys(sdp: str, bundle: str) -> None:
    assert bundle_of(sdp) == f"a=group:BUNDLE {bundle}"


@pytest.mark.parametrize(
    ("data", "port"),
    [
        (DATA, "5000"),
        (DATA.replace("a=sctp-port:5000", "a=sctp-port:6000"), "6000"),
        (without(DATA, "a=sctp-port:5000\r\n"), "5000"),
        (DATA.replace("UDP/DTLS/SCTP webrtc-datachannel", "DTLS/SCTP 7000 8000"), "7000"),
        (DATA.replace("UDP/DTLS/SCTP webrtc-datachannel", "DTLS/SCTP seven"), "5000"),
        *((DATA.replace("a=sctp-port:5000", f"a=sctp-port:{port}"), "5000") for port in ("0", "65536", "x", "123456")),
        (DATA.replace("a=sctp-port:5000", "a=sctp-port:65535"), "65535"),
        (DATA.replace("a=sctp-port:5000", "a=sctp-port:1"), "1"),
    ],
)
def test_the_port_of_sctp_is_theirs_if_it_is_one(data: str, port: str) -> None:
    assert f"a=sctp-port:{port}\r\n" in from_sony(offer(data), "offer")


@pytest.mark.parametrize(
    ("kind", "sent", "read"),
    [
        *(("offer", setup, setup) for setup in ("actpass", "active", "passive")),
        *(("answer", setup, setup) for setup in ("active", "passive")),
        ("offer", "holdconn", "actpass"),
        ("answer", "actpass", "active"),
        ("answer", "holdconn", "active"),
    ],
)
def test_the_role_in_dtls_is_theirs_if_it_is_one_for_this_kind(kind: Kind, sent: str, read: str) -> None:
    before = OFFER if kind == "offer" else ANSWER
    (setup,) = {line for line in before.split("\r\n") if line.startswith("a=setup:")}
    text = from_sony(before.replace(setup, f"a=setup:{sent}"), kind)
    assert {line for line in text.split("\r\n") if line.startswith("a=setup:")} == {f"a=setup:{read}"}
