"""Whole rehearsals with real processes: what was drawn is found, no secret stays, and Ctrl-C leaves the party."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from captures.scrub.verify import verify
from cli.probe import rehearsal
from cli.probe.results import run_folder
from cli.probe.results.findings import UnknownResult
from common.files.paths import CHECKOUT, Paths
from common.psn.unknowns import UNKNOWNS
from simulator.demo import CAST, GUEST, SESSION_ID
from tests.captures.planted import forms, unfolded
from tests.support import leaks
from tests.support.waiting import eventually

SEED = 7
LIMIT_S = 420
SECRETS = (GUEST.account_id, GUEST.online_id, SESSION_ID, *(text for one in CAST for text in one[:2]))


def command(home: Path, *words: str) -> tuple[list[str], dict[str, str]]:
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("PARTYLINE_", "SUPERVISOR_"))}
    return [sys.executable, "-m", "cli", "probe", *words], {**clean, "PARTYLINE_HOME": str(home)}


def secrets_of(place: Path) -> list[str]:
    text = "\n".join(part for file in place.iterdir() for part in unfolded(file.read_text("utf-8")))
    return [secret for secret in SECRETS if any(form in text for form in forms(secret) if len(form) > 5)]


@pytest.mark.alone
def test_a_rehearsal_finds_what_was_drawn_and_its_folder_holds_no_secret(home: Path) -> None:
    place, since = home / "captures", leaks.mark()
    words, env = command(home, "--rehearse", "--seed", str(SEED), "--out", str(place))
    done = subprocess.run(
        words,
        cwd=CHECKOUT,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    record = run_folder.read(place)
    assert {one.name: one.way for one in record.drawn} == rehearsal.draw(SEED)
    assert [one for one in record.drawn if one.found == "missed"] == []
    assert (record.finished, record.left) == (True, True)
    assert record.beyond_ladder < 30
    assert leaks.issued(since), "the simulator gave out what may not be there"
    assert leaks.search(home, since) == []
    assert secrets_of(place) == []
    assert verify(place) == []
    words, env = command(home, "report", str(place))
    told = subprocess.run(words, cwd=CHECKOUT, env=env, capture_output=True, text=True, timeout=60, check=True).stdout
    assert "[seen]" in told
    assert "rehearsal" in told


@pytest.mark.alone
def test_ctrl_c_in_the_middle_leaves_the_party_and_keeps_what_was_found(home: Path) -> None:
    place = home / "captures"
    words, env = command(home, "--rehearse", "--seed", str(SEED), "--out", str(place))
    with (home / "out").open("wb") as out:
        running = subprocess.Popen(words, cwd=CHECKOUT, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
    try:
        eventually(lambda: "9. The connection" in (home / "out").read_text(), "a member is there", 200, 0.2)
        running.send_signal(signal.SIGINT)
        assert running.wait(90) == 130
    finally:
        running.kill()
        running.wait()
    record = run_folder.read(place)
    assert record.left is True
    assert not record.finished
    gone = [one for one in record.calls if one.call.startswith("DELETE") and one.call.endswith("/members/me")]
    assert [one.status for one in gone] == [204]
    assert next(one for one in record.findings if one.name == "party.view-key").state == "settled"
    assert verify(place) == []


def test_every_unknown_is_drawn_and_every_way_of_it_sometimes() -> None:
    drawn = [rehearsal.draw(seed) for seed in range(200)]
    for unknown in UNKNOWNS:
        assert {one[unknown.name] for one in drawn} == set(unknown.values)
    assert rehearsal.draw(5) == rehearsal.draw(5)


def finding(name: str, state: str, *candidates: str) -> UnknownResult:
    return UnknownResult(name=name, question="?", state=state, candidates=candidates)


@pytest.mark.parametrize(
    ("found", "way", "unfit", "verdict"),
    [
        (finding("rtp.clock", "settled", "16000"), "16000", 0, "found"),
        (finding("rtp.clock", "settled", "48000"), "16000", 0, "missed"),
        (finding("rtp.clock", "not seen", "48000", "16000"), "16000", 0, "missed"),
        (finding("rtp.clock", "contradicted", "48000", "16000"), "16000", 0, "missed"),
        (finding("glare.rule", "no difference", "yields", "lower-yields"), "yields", 0, "no difference"),
        (finding("glare.rule", "no difference", "yields", "lower-yields"), "never-yields", 0, "missed"),
        (finding("frame.unfit", "not seen", "ignored", "refused"), "refused", 0, "no difference"),
        (finding("frame.unfit", "not seen", "ignored", "refused"), "refused", 3, "missed"),
    ],
)
def test_what_counts_as_found(found: UnknownResult, way: str, unfit: int, verdict: str) -> None:
    (one,) = rehearsal.judged({found.name: way}, [found], unfit)
    assert one.found == verdict


def test_a_rehearsal_takes_nothing_of_the_users_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PARTYLINE_HOME", "/somewhere/else")
    monkeypatch.setenv("PARTYLINE_PSN__REALM", "playstation")
    found = rehearsal.environment(Paths(tmp_path))
    assert {name: value for name, value in found.items() if name.startswith("PARTYLINE_")} == {
        "PARTYLINE_HOME": str(tmp_path)
    }
    conf = rehearsal.configuration(Paths(tmp_path))
    assert str(CHECKOUT / "var") not in conf
    assert f"file={Paths(tmp_path).run}/supervisor.sock" in conf
