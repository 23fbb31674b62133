from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.log import logs

JWT = "eyJhbGciOiJSUzI1NiJ9.eyJhY2NvdW50X2lkIjoiMSJ9.c2lnbmF0dXJl"
NPSSO = "Ab1" * 21 + "Z"


@pytest.mark.parametrize(
    "text",
    [
        f"Authorization: Bearer {JWT}",
        f"cookie npsso={NPSSO}; path=/",
        f'{{"npsso":"{NPSSO}"}}',
        "com.scee.psxandroid.scecompcall://redirect?code=v3.AbCdEf123456&cid=1",
        "grant_type=refresh_token&refresh_token=abcdefgh-1234&scope=x",
        "a=ice-pwd:inventedPwd000000000001",
        "Basic Y2xpZW50OnNlY3JldA==",
        "Client protocols ['key.pl.0a1b2c3d.inventedKey-0000000000_00001'] and none of ours",
    ],
)
def test_what_looks_like_a_secret_is_hidden(text: str) -> None:
    hidden = logs.redact(text)
    for secret in (JWT, NPSSO, "v3.AbCdEf123456", "abcdefgh-1234", "inventedPwd", "inventedKey", "Y2xpZW50OnNlY3JldA"):
        assert secret not in hidden
    assert logs.HIDDEN in hidden


def test_what_is_no_secret_stays_readable() -> None:
    text = "joined f0f1f2f3-0001-4002-8003-a0a1a2a3a4a5 as 1234567890123456789.PS5 in 0.31 s"
    assert logs.redact(text) == text


def test_keys_that_name_a_secret_hide_whatever_they_hold() -> None:
    cleaned = logs.clean({"access_token": "short", "nested": [{"client_secret": "x"}], "state": "ok", "token": ""})
    assert cleaned == {
        "access_token": logs.HIDDEN,
        "nested": [{"client_secret": logs.HIDDEN}],
        "state": "ok",
        "token": "",
    }


def test_a_secret_that_begins_like_another_leaves_no_rest() -> None:
    secrets = [f"planted{'-more' * count}" for count in range(8)]
    for secret in secrets:
        logs.remember(secret)
    assert [logs.redact(f"it is {secret}") for secret in secrets] == [f"it is {logs.HIDDEN}"] * len(secrets)


@given(st.text(alphabet="abcdefghij-_", min_size=8, max_size=30))
def test_a_remembered_value_is_hidden_whatever_its_shape(secret: str) -> None:
    logs.remember(secret)
    try:
        assert secret not in logs.redact(f"before {secret} after")
    finally:
        logs._known.discard(secret)


def test_a_log_line_is_json_without_secrets(capsys: pytest.CaptureFixture[str]) -> None:
    log = logs.setup("auth")
    try:
        raise ValueError(f"cannot use {JWT}")
    except ValueError:
        log.exception("failed", header=f"Bearer {JWT}", token=JWT)
    line = capsys.readouterr().err.strip().splitlines()[-1]
    entry = json.loads(line)
    assert (entry["event"], entry["worker"], entry["level"]) == ("failed", "auth", "error")
    assert JWT not in line
    assert "ValueError" in entry["exception"]
