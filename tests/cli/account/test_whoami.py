"""What `whoami` says of a sign-in."""

from __future__ import annotations

from typing import Any

import pytest

from cli.account import whoami
from cli.shared.terminal import Style
from common.messages import AuthState
from common.requests import SignInInfo
from tests.cli.running import Home, two_lines

DAY = 86_400.0


def info(*, store: Any = "file", file: str = "/x/tokens.json", **auth: Any) -> SignInInfo:
    known = {"state": "signed_in", "realm": "playstation", "account_id": "12", "online_id": "Ava", **auth}
    return SignInInfo(auth=AuthState(**known), store=store, file=file)


def text(found: SignInInfo, now: float = 1000.0) -> str:
    return "\n".join(whoami.lines(found, now, Style(on=False)))


def test_the_days_left_and_the_place_of_the_tokens_are_said():
    said = text(info(refresh_expires_at=1000 + 9 * DAY))
    assert said.startswith("Ava on PlayStation Network\n  account id  12\n  sign-in     9 days left")
    assert said.endswith("in the file /x/tokens.json")


def test_an_end_that_is_unknown_past_or_sure_is_said_as_that():
    assert "did not state" in text(info())
    assert "by this computer's clock" in text(info(refresh_expires_at=999))
    assert "expired. Sign in" in text(info(state="expired", refresh_expires_at=9e9))


def test_tokens_that_could_not_be_kept_are_not_said_to_lie_anywhere():
    assert "in memory only" in text(info(store="", file=""))


def test_for_programs_the_days_left_are_a_number_or_null():
    assert whoami.plain(info(refresh_expires_at=1000 + 4.5 * DAY), 1000.0)["days_left"] == 4.5
    assert whoami.plain(info(), 1000.0)["days_left"] is None
    assert whoami.plain(info(refresh_expires_at=5), 1000.0)["days_left"] == 0


def test_names_from_elsewhere_cannot_steer_the_terminal():
    assert "\x1b" not in text(info(online_id="A\x1b[2J"))


def test_without_a_pipeline_nobody_is_signed_in_and_signing_out_is_no_error(home: Home):
    env = {"PARTYLINE_PSN__REALM": "playstation", "PARTYLINE_AUTH__STORE": "file"}
    found = home.run("whoami", env=env)
    assert (found.code, found.err.splitlines()[0]) == (1, "Nobody is signed in to PlayStation Network.")
    found = home.run("whoami", "--json", env=env)
    assert found.code == 1
    assert '"state": "signed_out"' in found.out
    found = home.run("logout", env=env)
    assert (found.code, found.err) == (0, "")


@pytest.mark.parametrize("npsso", ["<html>", "a@b.example"])
def test_a_refused_paste_changes_no_realm_and_says_which_one_holds(home: Home, npsso: str):
    found = home.run("login", "--npsso-file", "-", stdin=npsso, env={"PARTYLINE_AUTH__STORE": "file"})
    assert found.code == 1
    assert two_lines(found)[0].endswith("The pipeline still uses the simulator.")
    assert not home.paths.settings_file.exists()
