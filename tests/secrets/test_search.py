"""The search for leaked secrets finds what is planted: else it would prove nothing."""

from __future__ import annotations

import base64
from pathlib import Path
from urllib.parse import quote

import pytest

from simulator.shared.issued_secrets import VARIABLE, IssuedSecrets
from simulator.shared.signed_tokens import jwt, sign
from tests.support import leaks
from tests.support.processes import short_folder

SECRETS = {
    "npsso": "Sim0" + "0a1b2c3d4e5f" * 5,
    "code": "v3.aB3-x_",
    "access_token": jwt({"account_id": "1", "jti": "a"}),
    "id_token": jwt({"sub": "1", "iat": 5}),
    "refresh_token": sign({"account_id": "1", "n": "a"}),
    "client_secret": "ucPjka5tntB2KqsP",
    "bridge_token": "0f" * 16,
}


def base64_at(offset: int, text: str) -> str:
    return base64.b64encode(b"x" * offset + text.encode() + b"yz").decode()


SPELLINGS = {
    "plain": lambda secret: secret,
    "in JSON": lambda secret: f'{{"at":1,"said":"{secret}"}}',
    "percent-encoded": lambda secret: quote(f"a={secret}&b", safe=""),
    "base64": lambda secret: base64_at(0, secret),
    "base64 after one byte": lambda secret: base64_at(1, secret),
    "base64 after two": lambda secret: base64_at(2, secret),
    "for URLs": lambda secret: base64.urlsafe_b64encode(secret.encode()).decode(),
    "its end": lambda secret: f"…{secret[-leaks.PIECE :]}",
}


@pytest.fixture(autouse=True)
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> IssuedSecrets:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "ledger"))
    noting = IssuedSecrets.of_environment()
    for kind, secret in SECRETS.items():
        noting.record(kind, secret)
    return noting


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("kind", SECRETS)
def test_a_planted_secret_is_found_however_it_is_spelt(tmp_path: Path, kind: str, spelling: str) -> None:
    home = tmp_path / "home"
    (home / "log").mkdir(parents=True)
    file = home / "log" / "session.log"
    file.write_bytes(b"all is well\n\xff\xfe\n" + SPELLINGS[spelling](SECRETS[kind]).encode() + b"\n")
    found = leaks.search(home)
    assert (file, 3) in {(leak.file, leak.line) for leak in found}
    assert any(kind in leak.what for leak in found)
    assert not any(SECRETS[kind] in str(leak) for leak in found)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (jwt({"from": "elsewhere"}), "a JWT"),
        ("aB3" * 21 + "x", "an NPSSO"),
        ("?code=v3.Zz9-_q", "a code"),
        ("Authorization: Basic " + base64.b64encode(b"some client id:some secret").decode(), "a Basic header"),
        ("Bearer " + "a1B2" * 8, "a Bearer header"),
    ],
)
def test_the_shape_of_a_secret_gives_one_away_that_no_simulator_made(tmp_path: Path, text: str, what: str) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "x.out").write_text(text)
    assert [leak.what for leak in leaks.search(home)] == [what]


def test_what_a_log_may_show_is_no_leak(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "fine.log").write_text(f"Bearer [hidden] npsso=[hidden] {'ab' * 32} v3 eyJ {'A' * 64} Basic training\n")
    (home / "simulator.out").write_text(f"npsso            {SECRETS['npsso']}\n")
    (home / "simulator.json").write_text(f'{{"npsso":"{SECRETS["npsso"]}","control_url":"http://127.0.0.1:1/c"}}')
    (home / "secrets").mkdir()
    (home / "secrets" / "tokens.json").write_text(SECRETS["refresh_token"])
    assert leaks.search(home) == []


def test_only_what_was_given_out_since_the_mark_is_looked_for(tmp_path: Path, ledger: IssuedSecrets) -> None:
    since = leaks.mark()
    ledger.record("code", "v3.later1")
    assert leaks.issued(since) == {"v3.later1": "code"}


def test_a_test_whose_home_holds_a_secret_fails() -> None:
    with pytest.raises(AssertionError, match=r"session\.log:1: a JWT"), short_folder() as home:
        (home / "session.log").write_text(SECRETS["access_token"])
