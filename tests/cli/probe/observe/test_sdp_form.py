"""The unknowns that a description reveals."""

from __future__ import annotations

from cli.probe.observe.sdp_form import sdp_form
from tests.cli.probe.observe.messages import ANSWER, OFFER


def test_what_descriptions_show():
    assert sdp_form(OFFER, "offer") == {"sdp.ssrc": "as-captured"}
    bare = "".join(line for line in ANSWER.splitlines(keepends=True) if not line.startswith("a=ssrc"))
    assert sdp_form(bare.replace("opus/16000", "opus/48000"), "answer") == {
        "sdp.ssrc": "none",
        "sdp.answer-clock": "48000",
    }
    assert sdp_form("no sdp", "offer") == {}
