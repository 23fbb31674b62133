"""What the dialect's rules say: nothing of the captured descriptions, and each breach by its name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.psn.sdp.dialect import Finding, lint
from tests.common.psn.sdp.samples import ANSWER, BRIDGE_OFFER, OFFER
from tests.common.psn.sdp.test_dialect import aiortc_answer, aiortc_offer, to_sony


def rules(findings: list[Finding]) -> set[tuple[str, str, str]]:
    return {(found.severity, found.where, found.rule) for found in findings}


@pytest.mark.parametrize("sample", [OFFER, ANSWER, BRIDGE_OFFER])
def test_a_captured_description_breaks_no_rule(sample):
    assert lint(sample) == []


async def test_our_own_descriptions_break_no_rule_between_members():
    assert lint(to_sony(await aiortc_offer(), "offer")) == []
    assert lint(await aiortc_answer(OFFER)) == []


async def test_aiortcs_own_offer_is_far_from_the_dialect_and_errors_come_first():
    found = lint((await aiortc_offer()).replace("a=ice-pwd", "a=ice-word"))
    assert ("error", "audio", "ice-pwd") in rules(found)
    assert ("warning", "audio", "formats") in rules(found)
    assert [f.severity for f in found] == sorted((f.severity for f in found), key=["error", "warning", "note"].index)


@pytest.mark.parametrize(
    ("text", "instead", "breach"),
    [
        ("v=0\r\n", "v=1\r\n", ("error", "session", "version")),
        ("m=audio", "m=video", ("error", "session", "audio")),
        ("opus/16000/2", "speex/16000", ("error", "audio", "opus")),
        ("a=candidate:", "a=remote-candidates:", ("error", "audio", "candidates")),
        ("a=fingerprint:", "a=print:", ("error", "audio", "fingerprint")),
        ("a=setup:actpass", "a=setup:holdconn", ("error", "audio", "setup")),
        ("opus/16000/2", "opus/48000/2", ("warning", "audio", "opus-rate")),
        ("useinbandfec=1", "useinbandfec=0", ("warning", "audio", "opus-fec")),
        ("stereo=0", "stereo=1", ("note", "audio", "opus-parameters")),
        ("a=ptime:40", "a=ptime:20", ("warning", "audio", "ptime")),
        ("a=rtpmap:63 red/48000/2\r\n", "", ("warning", "audio", "rtpmap")),
        ("96 63 127", "96 127", ("warning", "audio", "rtpmap")),
        ("CN/8000", "PCMU/8000", ("warning", "audio", "formats")),
        ("192.0.2.48 34939 typ", "x.local 34939 typ", ("warning", "audio", "candidate")),
        (" network-id 3", "", ("note", "audio", "candidate")),
        ("a=sendrecv", "a=recvonly", ("warning", "audio", "direction")),
        ("a=group:BUNDLE 0 1", "a=group:LS 0 1", ("warning", "session", "bundle")),
        ("a=sctp-port:5000", "a=sctpmap:5000 x", ("warning", "application", "sctp-port")),
        ("a=extmap:5 ", "a=extmap:9 ", ("note", "audio", "extmap")),
        ("a=rtcp-rsize", "a=end-of-candidates", ("note", "audio", "attribute")),
        ("_1_CELT/40", "", ("note", "audio", "msid")),
        ("inventedPwd000000000001", "short", ("error", "audio", "ice-pwd")),
        ("\r\n", "\n", ("note", "session", "line-ends")),
    ],
)
def test_a_breach_is_named(text, instead, breach):
    assert breach in rules(lint(OFFER.replace(text, instead), "offer"))


def test_an_answers_open_role_and_other_credentials_in_one_bundle_are_breaches():
    assert ("error", "audio", "setup") in rules(lint(OFFER, "answer"))
    head, data = ANSWER.split("m=application")
    assert ("warning", "session", "bundle") in rules(lint(head + "m=application" + data.replace("iNv2", "oThr")))


def test_no_finding_tells_a_password():
    told = " ".join(found.message for found in lint(OFFER.replace("inventedPwd000000000001", "sEcReTpwd")))
    assert "sEcReTpwd" not in told


@given(st.text(max_size=300), st.booleans())
def test_any_text_is_judged(text, whole):
    assert all(found.message.endswith(".") for found in lint(OFFER[:900] + text if whole else "v=0\r\nm=audio" + text))


CANDIDATE = "a=candidate:1 1 udp 5 192.0.2.9 5000 typ host generation 0 network-id 1 network-cost 10"


@pytest.mark.parametrize(
    ("text", "instead"), [(":1 1 udp", ":1 2 udp"), (":1 1 udp", ":x 1 udp"), (" generation 0", "")]
)
def test_each_part_of_a_candidate_is_looked_at(text, instead):
    def told(line):
        return [found.message for found in lint(OFFER.replace("a=mid:0", f"{line}\r\na=mid:0"), "offer", "peer")]

    assert told(CANDIDATE) == []
    (message,) = told(CANDIDATE.replace(text, instead))
    assert message.endswith("foundation, component or generation.")


def test_a_second_section_of_a_kind_is_a_breach():
    head, data = OFFER.split("m=application")
    twice = f"{head}m=application{data}m=application{data}"
    assert [found.message for found in lint(twice, "offer") if found.rule == "section"] == [
        "There are 2 of them; the app has one."
    ]


def test_what_is_unlike_the_app_is_quoted_in_part():
    told = {
        found.rule: found.message
        for found in lint(OFFER.replace("opus/16000/2", "opus/" + "9" * 50).replace("a=rtcp-rsize", "a=" + "y" * 50))
    }
    assert told["opus-rate"] == f"Opus is written opus/{'9' * 35}; the app writes opus/16000/2."
    assert told["attribute"] == f"The app writes no a={'y' * 40} here."
