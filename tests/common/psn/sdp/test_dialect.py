"""What the dialect's two translations promise, on the captured samples and on strangers' descriptions."""

from __future__ import annotations

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.rtcconfiguration import RTCBundlePolicy
from aiortc.sdp import SessionDescription

from common.psn.sdp import BadSdp, from_sony, opus_format, to_sony
from tests.common.psn.sdp.samples import ANSWER, BRIDGE_OFFER, OFFER, keys


def connection() -> RTCPeerConnection:
    return RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.BALANCED))


async def aiortc_offer(*, data: bool = True) -> str:
    peer = connection()
    peer.addTransceiver("audio")
    if data:
        peer.createDataChannel("data")
    await peer.setLocalDescription(await peer.createOffer())
    text = peer.localDescription.sdp
    await peer.close()
    return text


async def aiortc_answer(offer: str) -> str:
    """Return the dialect answer that an aiortc peer gives to a dialect offer."""
    return to_sony(await plain_answer(offer), "answer", offer=offer)


async def plain_answer(offer: str) -> str:
    """Return the answer in aiortc's own words."""
    peer = connection()
    peer.addTransceiver("audio")
    try:
        await peer.setRemoteDescription(RTCSessionDescription(from_sony(offer, "offer"), "offer"))
        await peer.setLocalDescription(await peer.createAnswer())
        return peer.localDescription.sdp
    finally:
        await peer.close()


async def test_an_offer_of_ours_has_the_lines_of_the_captured_one_in_their_order() -> None:
    ours = keys(to_sony(await aiortc_offer(), "offer"))
    without_candidates = [key for key in ours if key != "a=candidate"]
    assert without_candidates == [key for key in keys(OFFER) if key != "a=candidate"]


async def test_an_answer_of_ours_has_the_lines_of_the_captured_one_in_their_order() -> None:
    ours = keys(await aiortc_answer(OFFER))
    assert [key for key in ours if key != "a=candidate"] == [key for key in keys(ANSWER) if key != "a=candidate"]


async def test_an_offer_of_ours_says_opus_16000_with_fec_red_and_comfort_noise() -> None:
    text = to_sony(await aiortc_offer(), "offer")
    for line in (
        "a=rtpmap:96 opus/16000/2",
        "a=fmtp:96 minptime=10;stereo=0;useinbandfec=1",
        "a=fmtp:63 96/96",
        "a=rtpmap:105 CN/16000",
        "a=ptime:40",
        "a=group:BUNDLE 0 1",
    ):
        assert f"{line}\r\n" in text
    assert "48000/2\r\n" not in text.replace("red/48000/2", "")
    assert " typ host" in text


@pytest.mark.parametrize("offer", [OFFER, BRIDGE_OFFER])
async def test_captured_offers_are_answered_by_aiortc(offer: str) -> None:
    answer = await aiortc_answer(offer)
    assert opus_format(answer) == opus_format(offer)
    assert "m=application 9 " in answer


async def test_the_bridges_recvonly_offer_is_answered_sendonly_with_its_payload_types_only() -> None:
    answer = await aiortc_answer(BRIDGE_OFFER)
    assert "a=sendonly" in answer
    assert "SAVPF 111 13\r\n" in answer
    assert "a=rtpmap:111 opus/16000/2" in answer
    assert "extmap-allow-mixed" not in answer
    assert "rtcp-rsize" not in answer


async def test_the_captured_answer_fits_an_offer_of_ours() -> None:
    peer = connection()
    peer.addTransceiver("audio")
    peer.createDataChannel("data")
    await peer.setLocalDescription(await peer.createOffer())
    offer = to_sony(peer.localDescription.sdp, "offer")
    await peer.setRemoteDescription(RTCSessionDescription(from_sony(ANSWER, "answer", offer=offer), "answer"))
    assert peer.signalingState == "stable"
    await peer.close()


def test_every_usable_candidate_is_kept_in_both_families() -> None:
    parsed = SessionDescription.parse(from_sony(ANSWER, "answer"))
    assert [c.ip for c in parsed.media[0].ice_candidates] == [
        "198.51.100.66",
        "192.0.2.6",
        "2001:db8:6e:7573::2666",
    ]
    assert parsed.media[0].ice_candidates_complete
    assert [c.type for c in SessionDescription.parse(from_sony(OFFER, "offer")).media[0].ice_candidates] == [
        "host",
        "srflx",
    ]


@pytest.mark.parametrize(
    ("line", "instead"),
    [
        ("a=setup:actpass", ""),
        ("a=sendrecv", ""),
        ("a=rtcp-mux", ""),
        ("a=rtpmap:63 red/48000/2", ""),
        ("a=ssrc:219771928 cname:iNvEnTeDcNaMe001", "a=ssrc:5"),
        ("a=mid:0", ""),
        ("a=ptime:40", "a=ptime:forty"),
        ("a=extmap:1 urn", "a=extmap:one urn"),
        ("a=fmtp:96 minptime=10", "a=fmtp:96 minptime=ten"),
        ("a=candidate:1760893065 1 udp", "a=candidate:1760893065 1 tcp"),
        ("192.0.2.48 34939", "host.invalid 34939"),
        ("typ srflx", "typ unheard-of"),
        ("a=group:BUNDLE 0 1", ""),
        ("a=max-message-size:262144", "a=max-message-size:much"),
        ("\r\n", "\n"),
    ],
)
async def test_what_aiortc_would_stumble_over_is_mended(line: str, instead: str) -> None:
    offer = OFFER.replace(line + "\r\n", instead + "\r\n" if instead else "") if line[0] == "a" else OFFER
    offer = offer.replace(line, instead)
    assert offer != OFFER
    assert "opus/16000/2" in await aiortc_answer(offer)


async def test_opus_as_rfc_7587_writes_it_is_answered_in_kind() -> None:
    offer = OFFER.replace("opus/16000/2", "opus/48000/2").replace("96", "111")
    answer = await aiortc_answer(offer)
    assert "a=rtpmap:111 opus/48000/2" in answer


async def test_an_offer_without_red_and_comfort_noise_gets_none_in_the_answer() -> None:
    lines = [line for line in OFFER.split("\r\n") if "red/" not in line and "CN/" not in line]
    offer = "\r\n".join(lines).replace("96 63 127 106 105 13 110 113", "96 110 113")
    answer = await aiortc_answer(offer)
    assert "SAVPF 96 110 113\r\n" in answer
    assert "red" not in answer


async def test_an_offer_without_data_channel_gets_none_in_the_answer() -> None:
    offer = OFFER[: OFFER.index("m=application")].replace("BUNDLE 0 1", "BUNDLE 0")
    answer = await aiortc_answer(offer)
    assert "m=application" not in answer
    assert "a=group:BUNDLE 0\r\n" in answer


async def test_sections_we_have_no_use_for_are_rejected_in_their_place() -> None:
    video = "m=video 9 UDP/TLS/RTP/SAVPF 100\r\nc=IN IP4 0.0.0.0\r\na=mid:v\r\na=rtpmap:100 VP8/90000\r\n"
    head, audio = OFFER.split("m=audio", 1)
    offer = head.replace("BUNDLE 0 1", "BUNDLE v 0 1") + video + "m=audio" + audio
    answer = await aiortc_answer(offer)
    kinds = [line.split()[:2] for line in answer.split("\r\n") if line.startswith("m=")]
    assert [kind for kind, _ in kinds] == ["m=video", "m=audio", "m=application"]
    assert kinds[0][1] == "0"
    assert "a=group:BUNDLE 0 1\r\n" in answer


@pytest.mark.parametrize(("theirs", "ours"), [("sendonly", "recvonly"), ("recvonly", "sendonly"), ("sendrecv",) * 2])
async def test_the_direction_is_answered_in_kind(theirs: str, ours: str) -> None:
    assert f"a={ours}\r\n" in await aiortc_answer(OFFER.replace("a=sendrecv", f"a={theirs}"))


async def test_an_answer_that_rejects_or_leaves_out_the_data_channel_still_connects() -> None:
    offer = to_sony(await aiortc_offer(), "offer")
    left_out = ANSWER[: ANSWER.index("m=application")]
    rejected = left_out + "m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\n"
    for answer in (left_out, rejected):
        media = SessionDescription.parse(from_sony(answer, "answer", offer=offer)).media
        assert [m.kind for m in media] == ["audio", "application"]
        assert media[1].ice.usernameFragment == media[0].ice.usernameFragment


@pytest.mark.parametrize(
    ("sdp", "word"),
    [
        ("", "v=0"),
        ("v=1\r\n", "v=0"),
        ("v=0\r\ns=-\r\n", "0 media sections"),
        (OFFER.replace("m=audio 34939", "m=audio 0"), "rejected"),
        (OFFER.replace("m=audio", "m=video"), "no audio"),
        (OFFER.replace("m=audio 34939", "m=audio nine"), "malformed media line"),
        (OFFER.replace("m=audio 34939", "m=audio 99999"), "port"),
        (OFFER.replace("opus/16000", "speex/16000"), "no Opus"),
        (OFFER.replace("a=ice-pwd", "a=ice-word"), "ICE"),
        (OFFER.replace("sha-256", "md5"), "fingerprint"),
        (OFFER.replace("UDP/TLS/RTP/SAVPF", "RTP/AVP"), "RTP/AVP"),
        (OFFER.replace("a=mid:1", "a=mid:0"), "both called"),
        ("v=0\r\n" + "a=x\r\n" * 20_000, "too long"),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_reason(sdp: str, word: str) -> None:
    with pytest.raises(BadSdp, match=word) as caught:
        from_sony(sdp, "offer")
    assert caught.value.code == "psn.bad-sdp"
    assert caught.value.remedy


async def test_the_alternatives_of_a_description_differ_from_the_captured_form_in_their_lines_only() -> None:
    usual = await aiortc_answer(OFFER)
    plain = await plain_answer(OFFER)
    other_clock = to_sony(plain, "answer", offer=OFFER, clock=48000)
    assert opus_format(other_clock) == (96, 48000)
    assert "a=rtpmap:105 CN/16000" in other_clock, "of Opus alone"
    for description, kind in ((plain, "answer"), (await aiortc_offer(), "offer")):
        with_lines = to_sony(description, kind, offer=OFFER if kind == "answer" else "")
        without = to_sony(description, kind, offer=OFFER if kind == "answer" else "", ssrc=False)
        assert [line for line in with_lines.split("\r\n") if not line.startswith("a=ssrc:")] == without.split("\r\n")
        assert with_lines != without
        from_sony(without, kind, offer=to_sony(await aiortc_offer(), "offer") if kind == "answer" else "")
    assert opus_format(usual) == (96, 16000)
