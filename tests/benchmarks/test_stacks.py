"""The parts of the matrix that decide: what is heard, what was really tried, what a description becomes, the table."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from benchmarks.stacks import dialect, report
from benchmarks.stacks.conditions import CONDITIONS, Condition
from benchmarks.stacks.judge import WINDOW, Observed, Seen, judge, was_spoken
from benchmarks.stacks.nat import _only
from benchmarks.stacks.sound import OPUS, RED, encode, redundant, spoken
from common.psn.sdp import from_sony
from common.psn.sdp.text import audio_of, parse

SDP = "\r\n".join(
    [
        "v=0",
        "o=- 1 2 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE 0",
        "m=audio 9 UDP/TLS/RTP/SAVPF 96",
        "c=IN IP4 0.0.0.0",
        "a=candidate:1 1 udp 2130706431 192.0.2.1 50000 typ host",
        "a=candidate:2 1 udp 2130706175 2001:db8::1 50001 typ host",
        "a=ice-ufrag:abcd",
        "a=ice-pwd:0123456789012345678901",
        f"a=fingerprint:sha-256 {':'.join(['00'] * 32)}",
        "a=setup:actpass",
        "a=mid:0",
        "a=sendrecv",
        "a=rtcp-mux",
        "a=rtpmap:96 opus/48000/2",
        "a=fmtp:96 minptime=10;useinbandfec=1",
        "",
    ]
)
SEEN = Seen(
    packets=50,
    formats={"opus": 50},
    steps_ms={40: 49},
    certificate="ECDSA secp256r1",
    role="client",
    families=("IPv4", "IPv6"),
)
HEARD = Observed(connected_s=0.2, voice_s=0.3, matched=2, tries=1, reports=1, sent_to=9, seen=SEEN)


def test_speech_is_found_and_anything_else_is_not() -> None:
    speech, at = spoken(), int(np.abs(spoken()).argmax()) - WINDOW // 2
    piece = speech[at : at + WINDOW]
    rng = np.random.default_rng(1)
    assert was_spoken(piece, speech)
    assert was_spoken((piece * 0.3 + rng.normal(0, 20, WINDOW)).astype(np.int16), speech)
    assert not was_spoken(rng.normal(0, 3000, WINDOW).astype(np.int16), speech)
    assert not was_spoken(np.zeros(WINDOW, np.int16), speech)


@pytest.mark.parametrize(
    ("changes", "observed", "verdict", "words"),
    [
        ({}, HEARD, "heard", "0.20 / 0.30 s"),
        ({}, replace(HEARD, tries=2), "heard", "2 tries"),
        ({}, Observed(cannot="no such thing"), "cannot", "no such thing"),
        ({}, Observed(sentence="DTLS failed"), "explained", "DTLS failed"),
        ({}, Observed(), "defect", "no word about it"),
        ({}, Observed(connected_s=0.1, sentence="an earlier one failed"), "defect", "an earlier one"),
        ({"must_fail": True}, HEARD, "defect", "must not"),
        ({"certificate": "rsa-2048"}, HEARD, "defect", "its certificate was ECDSA"),
        ({"setup": "active"}, HEARD, "defect", "we were the DTLS client"),
        ({"lite": True}, HEARD, "defect", "no ICE-lite"),
        ({"candidates": "ipv6"}, HEARD, "defect", "candidates: IPv4, IPv6"),
        ({"ptime": 20}, HEARD, "defect", "packets of 40 ms"),
        ({"stereo": True}, HEARD, "defect", "stereo"),
        ({"red": True}, HEARD, "defect", "RED"),
        ({"dtx": True}, HEARD, "defect", "no pause"),
        ({"extra": "restart"}, replace(HEARD, gap_s=15.0), "defect", "a gap of 15.0 s"),
        ({"extra": "restart"}, replace(HEARD, gap_s=0.1), "heard", "gap 0.10 s"),
        ({}, replace(HEARD, sent_to=0), "defect", "no packet of ours"),
        ({"dtx": True}, replace(HEARD, reports=0, seen=replace(SEEN, steps_ms={40: 9, 800: 1})), "defect", "reports"),
    ],
)
def test_a_cell_is_what_was_observed(changes: dict, observed: Observed, verdict: str, words: str) -> None:
    cell = judge("a stack", replace(Condition("a condition"), **changes), observed)
    assert cell.verdict == verdict
    assert words in cell.words


def test_packets_are_of_the_length_that_is_asked_for_and_dtx_leaves_pauses_out() -> None:
    rows = encode(ptime=60, stereo=False, dtx=False)
    assert {after[0] - before[0] for before, after in pairwise(rows)} == {60}
    spared = encode(ptime=40, stereo=True, dtx=True)
    assert len(spared) < len(spoken()) / 48 / 40 * 0.9
    assert all(data[0] & 4 for _, _, _, data in spared), "each says stereo"
    wrapped = redundant(spared)
    assert {kind for _, kind, _, _ in wrapped} == {RED}
    assert wrapped[1][3].endswith(bytes([OPUS]) + spared[0][3] + spared[1][3])


def test_what_the_console_sends_is_as_the_condition_says() -> None:
    der = b"a certificate"
    made = {name: dialect.to_sony(SDP, replace(Condition(""), **changes), der) for name, changes in CHANGES.items()}
    told = {name: audio_of(parse(sdp)) for name, sdp in made.items()}
    assert "opus/16000/2" in made["plain"]
    assert told["plain"].fingerprints == [("sha-256", hashlib.sha256(der).digest().hex(":").upper())]
    assert told["hash"].fingerprints == [("sha-512", hashlib.sha512(der).digest().hex(":").upper())]
    assert told["wrong"].fingerprints != told["plain"].fingerprints
    assert told["role"].first("setup") == "passive"
    assert [one.address for one in told["ipv6"].candidates] == ["2001:db8::1"]
    assert told["local"].candidates == []
    assert len(told["mixed"].all("candidate")) == 8
    assert len(told["mixed"].candidates) == 2
    assert told["red"].payload_types[63][0] == "red"
    assert from_sony(made["mixed"], "offer")


CHANGES: dict[str, dict] = {
    "plain": {},
    "hash": {"hashed": "sha-512"},
    "wrong": {"wrong_hash": True},
    "role": {"setup": "passive"},
    "ipv6": {"candidates": "ipv6"},
    "local": {"candidates": "local"},
    "mixed": {"candidates": "mixed"},
    "red": {"red": True},
}


def test_what_the_console_reads_makes_its_stack_do_it() -> None:
    ours = dialect.to_sony(SDP, Condition(""), b"").replace("minptime=10;", "minptime=10;stereo=0;")
    ours = ours.replace("a=rtpmap:96", "a=ptime:40\r\na=rtpmap:96")
    changed = Condition("", offers=False, setup="passive", candidates="ipv6", ptime=60, stereo=True, dtx=True)
    read = dialect.from_sony(ours, changed, offer=True)
    assert "a=setup:active" in read
    assert "192.0.2.1" not in read
    assert "2001:db8::1" in read
    assert "a=ptime:60" in read
    assert "usedtx=1" in read
    assert "stereo=1" in read
    assert "a=setup:actpass" in dialect.from_sony(ours, changed, offer=False)


def test_behind_a_nat_one_candidate_is_left() -> None:
    class Transport:
        def get_extra_info(self, _: str) -> tuple[str, int]:
            return ("192.0.2.9", 1234)

    left = _only(SDP, Transport())
    assert "\n\n" not in left.replace("\r", "")
    (candidate,) = audio_of(parse(left)).candidates
    assert (candidate.address, candidate.port) == ("192.0.2.9", 1234)


def test_the_table_takes_new_cells_in_place_of_old_ones_and_names_every_reason_once() -> None:
    first, second = CONDITIONS[0], CONDITIONS[1]
    old = [judge("Pion", first, Observed()).row(), judge("werift", first, Observed(cannot="it cannot")).row()]
    new = [judge("Pion", first, HEARD).row(), judge("Pion", second, Observed(cannot="it cannot")).row()]
    rows = report.merged(old, new)
    assert [(row["stack"], row["verdict"]) for row in rows] == [
        ("werift", "cannot"),
        ("Pion", "heard"),
        ("Pion", "cannot"),
    ]
    page = report.page(rows, "2026-11-28")
    assert "1 heard, 0 explained, 2 cannot, 0 defect" in page
    assert f"| {first.name} | cannot (1) | 0.20 / 0.30 s |" in page
    assert f"| {second.name} | not run | cannot (1) |" in page
    assert page.count("it cannot") == 1


def test_conditions_have_names_of_their_own() -> None:
    assert len({one.name for one in CONDITIONS}) == len(CONDITIONS)
