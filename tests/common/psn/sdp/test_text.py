"""What is read of a session description, and what of it is left out or refused."""

from __future__ import annotations

import pytest

from common.psn.sdp.text import (
    MAX_CANDIDATES,
    MAX_CHARS,
    MAX_SECTIONS,
    BadSdp,
    Candidate,
    Section,
    audio_of,
    candidate_line,
    data_of,
    extensions_of,
    head,
    parse,
    source_of,
)  # fmt: skip

AUDIO = "m=audio 9 UDP/TLS/RTP/SAVPF 111 63"
OPUS = "a=rtpmap:111 opus/48000/2"


def text(*lines: str) -> str:
    return "\r\n".join(["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0", *lines]) + "\r\n"


def section(*attributes: str, line: str = AUDIO) -> Section:
    return parse(text(line, *attributes)).sections[0]


# --- candidates -------------------------------------------------------------------------------------


def test_a_candidate_is_read_and_written_as_it_was() -> None:
    line = "1 1 udp 2130706431 192.168.1.7 50000 typ srflx raddr 10.0.0.1 rport 5000"
    found = Candidate.parse(line + " generation 0")
    assert found == Candidate("1", 2130706431, "192.168.1.7", 50000, "srflx", ("10.0.0.1", 5000))
    assert candidate_line(found) == line
    plain = Candidate("x", 5, "192.168.1.7", 5000, "host")
    assert Candidate.parse(candidate_line(plain)) == plain


@pytest.mark.parametrize(
    "line",
    [
        "1 2 udp 5 192.168.1.7 5000 typ host", "1 1 tcp 5 192.168.1.7 5000 typ host",
        f"1 1 udp {2**32} 192.168.1.7 5000 typ host", "1 1 udp 5 192.168.1.7 0 typ host",
        "1 1 udp 5 192.168.1.7 65536 typ host", "1 1 udp 5 a.local 5000 typ host", "1 1 udp 5 192.168.1.7 5000 typ odd",
    ],
)  # fmt: skip
def test_a_candidate_that_cannot_be_used_is_left_out(line: str) -> None:
    assert Candidate.parse(line) is None


def test_a_candidate_may_say_udp_in_capitals_and_have_the_highest_priority() -> None:
    found = Candidate.parse(f"1 1 UDP {2**32 - 1} 192.168.1.7 65535 typ host")
    assert found is not None
    assert (found.priority, found.port) == (2**32 - 1, 65535)


@pytest.mark.parametrize("rest", ["raddr 10.0.0.1", "raddr nobody rport 5", "raddr 10.0.0.1 rport x", "rport 5 raddr"])
def test_a_related_address_is_whole_or_none(rest: str) -> None:
    found = Candidate.parse(f"1 1 udp 5 192.168.1.7 5000 typ srflx {rest}")
    assert found is not None
    assert found.related is None


def test_so_many_candidates_are_read_and_no_more() -> None:
    lines = [f"a=candidate:{n} 1 udp 5 192.168.1.7 {5000 + n} typ host" for n in range(MAX_CANDIDATES + 2)]
    ports = [candidate.port for candidate in section(*lines).candidates]
    assert ports == [5000 + n for n in range(MAX_CANDIDATES)]
    assert MAX_CANDIDATES == 64


# --- sections ---------------------------------------------------------------------------------------


def test_a_section_of_port_0_is_rejected_unless_it_waits_for_its_bundle() -> None:
    refused = "m=audio 0 UDP/TLS/RTP/SAVPF 111"
    assert section(line=refused).rejected
    assert not section("a=bundle-only", line=refused).rejected
    assert not section("a=bundle-only").rejected
    assert not section(line="m=audio 1 UDP/TLS/RTP/SAVPF 111").rejected


def test_keys_of_ice_are_both_there_or_none() -> None:
    assert section("a=ice-ufrag:u", "a=ice-pwd:p").ice == ("u", "p")
    assert section("a=ice-ufrag:u").ice is None
    assert section("a=ice-pwd:p").ice is None
    assert section("a=ice-ufrag:u u", "a=ice-pwd:p").ice is None


def digest(length: int) -> str:
    return ":".join(["ab"] * length)


@pytest.mark.parametrize(("algorithm", "length"), [("sha-256", 32), ("SHA-384", 48), ("sha-512", 64)])
def test_a_fingerprint_has_the_length_of_its_algorithm(algorithm: str, length: int) -> None:
    lines = [f"a=fingerprint:{algorithm} {digest(length + more)}" for more in (-1, 0, 1)]
    assert section(*lines).fingerprints == [(algorithm.lower(), digest(length).upper())]


def test_a_fingerprint_of_another_algorithm_is_left_out() -> None:
    assert section(f"a=fingerprint:sha-1 {digest(20)}", "a=fingerprint:sha-1 ").fingerprints == []


def test_payload_types_are_in_the_order_of_the_media_line() -> None:
    found = section(
        "a=rtpmap:63 RED/48000/2", OPUS, "a=rtpmap:9 G722/8000", "a=rtpmap:128 opus/48000/2", "a=rtpmap:127 CN/8000",
        line="m=audio 9 UDP/TLS/RTP/SAVPF 111 63 127 128 40 111",
    )  # fmt: skip
    assert found.payload_types == {111: ("opus", 48000, 2), 63: ("red", 48000, 2), 127: ("cn", 8000, 1)}
    assert list(found.payload_types) == [111, 63, 127]


def test_parameters_are_of_their_payload_type() -> None:
    found = section("a=fmtp:63 111/111", "a=fmtp:111 minptime=10")
    assert (found.parameters(111), found.parameters(63), found.parameters(9)) == ("minptime=10", "111/111", "")


def test_a_direction_is_sendrecv_unless_said() -> None:
    assert section().direction == "sendrecv"
    assert section("a=mid:0", "a=recvonly").direction == "recvonly"


def test_a_mid_that_is_no_word_is_left_out() -> None:
    assert section("a=mid:0").mid == "0"
    assert section("a=mid:" + "x" * 33).mid == section("a=mid:a b").mid == section().mid == ""


# --- the whole --------------------------------------------------------------------------------------


def test_the_session_lends_its_attributes_to_sections_without_their_own() -> None:
    found = parse(text("a=ice-ufrag:s", "a=ice-pwd:p", "a=sendonly", AUDIO, "a=ice-ufrag:own", "a=recvonly"))
    assert found.sections[0].ice == ("own", "p")
    assert found.sections[0].direction == "recvonly"
    assert [key for key, _ in found.sections[0].attributes].count("ice-ufrag") == 1
    assert "sendonly" not in [key for key, _ in found.sections[0].attributes]
    assert parse(text("a=sendonly", AUDIO)).sections[0].direction == "sendonly"
    assert parse(text("a=mid:5", AUDIO)).sections[0].mid == ""


def test_a_bundle_is_the_first_group_of_that_kind() -> None:
    found = parse(text("a=group:LS 8 9", "a=group:BUNDLE 0 1", "a=group:BUNDLE 2", AUDIO))
    assert found.bundle == ["0", "1"]
    assert parse(text(AUDIO)).bundle == []
    assert found.has("group")
    assert not found.has("ice-lite")


def test_an_origin_is_of_the_session() -> None:
    assert parse(text(AUDIO, "o=- 2 2 IN IP4 10.0.0.1")).origin == "- 1 1 IN IP4 127.0.0.1"


def test_lines_with_control_characters_are_left_out() -> None:
    found = parse(text(AUDIO, "a=mid:\x005", "a=first:1  "))
    assert found.sections[0].attributes == [("first", "1")]


@pytest.mark.parametrize(
    ("sdp", "message"),
    [
        ("", "begins with v=0"), ("o=-\r\nv=0\r\n", "begins with v=0"), ("v=0\r\n", "0 media sections"),
        ("v=0\r\nm=audio x", "malformed media line"), ("v=0\r\nm=audio 65536 RTP/SAVPF 1", "port 65536"),
        ("v=0\r\n" + f"{AUDIO}\r\n" * (MAX_SECTIONS + 1), "33 media sections"),
        ("v=0" + " " * (MAX_CHARS - 2), "65537 characters is too long"),
    ],
)  # fmt: skip
def test_what_is_no_description_is_refused_by_name(sdp: str, message: str) -> None:
    with pytest.raises(BadSdp, match=message):
        parse(sdp)


def test_what_is_just_not_too_much_is_read() -> None:
    many = "v=0\r\n" + f"{AUDIO}\r\n" * MAX_SECTIONS
    assert len(parse(many + " " * (MAX_CHARS - len(many))).sections) == MAX_SECTIONS
    assert parse(text("m=audio 65535 RTP/SAVPF 1")).sections[0].port == 65535


# --- audio and data ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["m=video 9 UDP/TLS/RTP/SAVPF 96"], "there is no audio section"),
        (["m=audio 0 UDP/TLS/RTP/SAVPF 111", OPUS], "audio section is rejected"),
        (["m=audio 9 RTP/AVP 111", OPUS], "audio over RTP/AVP is not encrypted"),
        ([AUDIO], "no Opus"), (["m=audio 9 RTP/SAVPF 95", "a=rtpmap:95 opus/48000/2"], "no Opus"),
    ],
)  # fmt: skip
def test_audio_that_cannot_be_used_is_refused_by_name(lines: list[str], message: str) -> None:
    with pytest.raises(BadSdp, match=message):
        audio_of(parse(text(*lines)))


def test_the_first_audio_section_that_is_not_rejected_counts() -> None:
    found = parse(text("m=audio 0 UDP/TLS/RTP/SAVPF 111", "m=audio 9 RTP/SAVPF 96", "a=rtpmap:96 OPUS/48000/2"))
    assert audio_of(found) is found.sections[1]


def test_a_data_channel_has_its_section_in_either_form() -> None:
    for line in ("m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "m=application 9 DTLS/SCTP 5000"):
        found = parse(text(AUDIO, line))
        assert data_of(found) is found.sections[1]
    assert data_of(parse(text(AUDIO, "m=application 9 UDP/BFCP 5"))) is None
    assert data_of(parse(text("m=audio 9 DTLS/SCTP 5000"))) is None


def test_extensions_have_a_number_of_one_byte_and_the_first_wins() -> None:
    lines = [f"a=extmap:{n} urn:{n}" for n in ("0", "1", "255", "256", "5/sendonly")]
    assert extensions_of(section(*lines, "a=extmap:1 urn:again")) == [
        (1, "urn:1"),
        (255, "urn:255"),
        (5, "urn:5/sendonly"),
    ]


def test_a_source_has_a_number_of_32_bits_and_a_name() -> None:
    assert source_of(section(f"a=ssrc:{2**32} cname:x", "a=ssrc:5 msid:y", f"a=ssrc:{2**32 - 1} cname:z")) == (
        2**32 - 1,
        "z",
    )
    assert source_of(section("a=ssrc:5 msid:y")) is None


def test_a_malformed_origin_is_replaced() -> None:
    assert head("- 5 6 IN IP4 10.0.0.1")[1] == "o=- 5 6 IN IP4 10.0.0.1"
    assert head("anything else")[1] == "o=- 1 1 IN IP4 127.0.0.1"
