"""What each answer of a receiver means."""

from __future__ import annotations

import ssl

import pytest

from integrations.webhooks.verdicts import judge, unreachable


@pytest.mark.parametrize(("status", "do"), [
    (200, "done"), (204, "done"), (299, "done"),
    (300, "later"), (301, "later"), (308, "later"), (399, "later"), (499, "drop"),
    (404, "stop"), (410, "stop"),
    (408, "later"), (425, "later"), (429, "later"), (500, "later"), (502, "later"), (503, "later"), (599, "later"),
    (400, "drop"), (401, "drop"), (403, "drop"), (413, "drop"), (415, "drop"), (422, "drop"),
])  # fmt: skip
def test_a_status_decides(status: int, do: str) -> None:
    verdict = judge(status, None, 0.0)
    assert verdict.do == do
    assert ("redirect" in verdict.words) is (300 <= status < 400)
    if do != "done":
        assert str(status) in verdict.words
        assert verdict.words.endswith(".")
        assert verdict.remedy.endswith(".")


@pytest.mark.parametrize(("given", "wait_s"), [
    (None, None), ("", None), ("30", 30.0), ("0", 0.0), (" 0.35 ", 0.35), ("-1", None), ("inf", None), ("nan", None),
    ("soon", None),
    ("Tue, 14 Nov 2023 22:14:20 GMT", 60.0), ("Tue, 14 Nov 2023 22:00:00 GMT", None), ("Tue, 99 Nov 2023", None),
])  # fmt: skip
def test_retry_after_is_a_number_or_a_date(given: str | None, wait_s: float | None) -> None:
    assert judge(429, given, 1_700_000_000.0).wait_s == wait_s
    assert judge(503, given, 1_700_000_000.0).wait_s == wait_s
    assert judge(200, given, 0.0).wait_s is None


@pytest.mark.parametrize(("error", "words"), [
    (TimeoutError(), "in time"), (OSError("http://host/planted-token"), "not reached (OSError)"),
    (ssl.SSLCertVerificationError("planted-token"), "certificate"),
])  # fmt: skip
def test_a_failed_connection_is_told_without_the_error_s_own_words(error: Exception, words: str) -> None:
    verdict = unreachable(error)
    assert words in verdict.words
    assert "planted" not in verdict.words + verdict.remedy
    assert verdict.do == "later"
