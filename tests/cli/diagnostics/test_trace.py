"""How calls are shown by `partyline trace`."""

from __future__ import annotations

from cli.diagnostics.trace import _wanted, lines
from cli.shared.terminal import Style
from common.psn.http.trace import Traced


def call(status: int = 200, **more: object) -> Traced:
    return Traced(**{"at": 0.0, "method": "POST", "host": "mobile", "path": "/a", "status": status, "ms": 12, **more})


def test_a_call_is_a_row_with_the_reply_its_code_and_reference():
    row = lines([call(403, message="No.", code=7, reference_id="r-1")], Style(on=False))[1]
    assert row.split()[1:] == ["403", "12", "POST", "mobile:/a", "No.", "(code", "7)", "reference", "r-1"]


def test_a_call_without_a_reply_says_none():
    assert lines([call(0)], Style(on=False))[1].split()[1] == "none"


def test_a_refused_message_is_shown_as_it_was_sent_and_cannot_steer_the_terminal():
    found = lines([call(400, message="Bad", sent={"to": "x\x1b[2J"})], Style(on=False))
    assert found[3].endswith("refused with Bad:")
    assert '  "to": "x\\u001b[2J"' in found
    assert "\x1b" not in "".join(found)


def test_only_refusals_and_missing_replies_count_as_refused():
    assert [_wanted(call(status), refused=True) for status in (200, 302, 400, 503, 0)] == [
        False,
        False,
        True,
        True,
        True,
    ]
    assert _wanted(call(200), refused=False)
