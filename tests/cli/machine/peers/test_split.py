"""`partyline split`: what is shown, written and refused, and two whole pipelines that become one and two again."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cli.__main__ import main
from cli.machine.peers import split
from common.basic.clock import boot_s
from common.bus.peers import keyring
from common.bus.peers.curve import CurveKeys
from common.bus.peers.keyring import PairedMachine
from common.bus.retained import is_fresh
from common.bus.split.link_frames import Wish
from common.config import settings
from common.errors import BusError, BusUnreachableError, PartylineError
from common.files.paths import Paths
from common.messages import MixerState, PartyState, PeerState, Problem, WorkerHealth
from tests.e2e.pipeline import Pipeline, pipeline
from tests.support.processes import free_port
from tests.support.waiting import eventually

Say = Callable[..., tuple[int, str, str]]


@pytest.fixture
def say(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Say:
    """Runs the command in a home that knows the machine `spare`."""
    monkeypatch.setenv("PARTYLINE_HOME", str(tmp_path))
    paths = Paths(tmp_path)
    paths.make()
    ring = keyring.loaded_or_new(paths)
    for name, address in (("spare.local", "127.0.0.1:1"), ("phone", "")):
        ring = ring.adding(PairedMachine(name=name, public=CurveKeys.new().public, address=address, met_at=1.0))
    keyring.save(paths, ring)

    def one(*words: str) -> tuple[int, str, str]:
        code = main(["split", *words])
        out, err = capsys.readouterr()
        return code, out, err

    return one


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Wish]:
    """What the other machine was asked for."""
    wishes: list[Wish] = []

    async def tell(_: object, __: object, wish: Wish) -> None:
        wishes.append(wish)

    monkeypatch.setattr(split, "_tell", tell)
    return wishes


def test_it_is_written_on_both_and_taken_back(say: Say, asked: list[Wish], tmp_path: Path) -> None:
    assert "Every worker runs on this machine." in say()[1]
    code, out, err = say("spare", "--here", "audio,recorder,dashboard", "--carriage", "opus")
    assert (code, err) == (0, "")
    assert "auth, session, signaling, media run there" in out
    found = settings.load(Paths(tmp_path)).split
    assert (found.machine, found.side, found.carriage) == ("spare.local", "desk", "opus")
    assert asked == [Wish(desk=("audio", "recorder", "dashboard", "obs", "webrtc", "integrations"))]
    assert "The link does not run." in say()[1]
    assert json.loads(say("--json")[1])["there"] == ["auth", "media", "session", "signaling"]
    code, out, _ = say("--off")
    assert (code, "stays in its party" in out) == (0, True)
    assert settings.load(Paths(tmp_path)).split.division() is None
    assert asked[-1] == Wish(desk=())
    assert "already" in say("--off")[1]


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("other",), 1, "No machine called 'other'"),
        (("phone",), 1, "does not know the way"),
        (("spare", "--here", "auth"), 1, "tokens"),
        (("spare", "--here", "audio"), 1, "recorder"),
        (("spare", "--off"), 2, "--off goes alone"),
        (("--here", "audio"), 2, "machine is missing"),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    say: Say, asked: list[Wish], tmp_path: Path, words: tuple[str, ...], code: int, says: str
) -> None:
    got, _, err = say(*words)
    assert (got, says in err) == (code, True), err
    assert asked == []
    assert settings.load(Paths(tmp_path)).split.division() is None


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (BusUnreachableError("no reply"), "spare.local does not answer."),
        (BusError("no", code="peers.not-allowed"), "pair --right worker"),
        (PartylineError("The disk is full.", "Make room."), "The disk is full."),
    ],
)
def test_nothing_is_changed_if_the_other_machine_does_not_agree(
    say: Say, tmp_path: Path, error: PartylineError, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def divide(*_: object) -> None:
        raise error

    monkeypatch.setattr(split.Bus, "divide", divide)
    code, _, err = say("spare")
    assert (code, says in err) == (1, True), err
    assert settings.load(Paths(tmp_path)).split.division() is None


def test_off_works_without_the_other_machine(say: Say, asked: list[Wish], monkeypatch: pytest.MonkeyPatch) -> None:
    say("spare")
    assert asked

    async def tell(*_: object) -> None:
        raise BusUnreachableError("spare.local does not answer.")

    monkeypatch.setattr(split, "_tell", tell)
    code, out, err = say("--off")
    assert (code, "was not told" in err) == (0, True)
    assert "On spare.local, run `partyline split --off` too" in out


def test_a_worker_of_the_other_machine_is_not_restarted_here(
    say: Say, asked: list[Wish], capsys: pytest.CaptureFixture[str]
) -> None:
    say("spare")
    assert asked
    assert main(["restart", "media", "audio"]) == 2
    assert capsys.readouterr().err.startswith("media runs on spare.local.\nRun `partyline restart media` there.")


@pytest.mark.parametrize("command", ["login", "logout", "whoami", "demo"])
def test_the_account_is_on_the_other_machine(
    say: Say, asked: list[Wish], capsys: pytest.CaptureFixture[str], command: str
) -> None:
    say("spare")
    assert asked
    assert main([command]) == 2
    assert capsys.readouterr().err.startswith("The account is on spare.local, which is in the party.\nRun `partyline")


# --- two whole pipelines ---------------------------------------------------------------------------------


@contextlib.contextmanager
def two_pipelines() -> Iterator[tuple[Pipeline, Pipeline]]:
    port = free_port()
    env = {"PARTYLINE_AUDIO__SINK": "null", "PARTYLINE_SIMULATOR__CONSOLES": "1"}
    there = {**env, "PARTYLINE_PEERS__PORT": str(port), "PARTYLINE_PEERS__LISTEN": "127.0.0.1"}
    with pipeline(there) as spare, pipeline(env) as desk:
        rings = [keyring.loaded_or_new(one.paths) for one in (spare, desk)]
        guest = PairedMachine(name="desk", public=rings[1].own.public, right="worker", met_at=0.0)
        keyring.save(spare.paths, rings[0].adding(guest))
        host = PairedMachine(name="spare", public=rings[0].own.public, address=f"127.0.0.1:{port}", met_at=0.0)
        keyring.save(desk.paths, rings[1].adding(host))
        yield spare, desk


def stands(made: Pipeline) -> bool:
    """Return whether the whole pipeline is shown on this machine, with the one talker heard."""
    state = made.state()
    fresh = {one.worker for one in state.all(WorkerHealth) if is_fresh(one, boot_s()) and one.state == "running"}
    peers = [one.connection for one in state.all(PeerState)]
    problems = [one.code for one in state.all(Problem) if one.code.startswith(("link.", "gate.", "worker."))]
    party, mix = state.one(PartyState), state.one(MixerState)
    heard = mix is not None and any(talker.frames > 100 for talker in mix.talkers)
    whole = {"auth", "session", "signaling", "media", "audio", "recorder", "dashboard"} <= fresh
    return whole and heard and party is not None and party.phase == "joined" and "connected" in peers and not problems


def runs(made: Pipeline, name: str) -> str:
    """Return the run of a program that this machine or the other one has."""
    found = (one.boot for one in made.state().all(WorkerHealth) if one.worker.rpartition("/")[2] == name)
    return next(found, "")


def is_open(made: Pipeline) -> bool:
    return any(one.state == "running" for one in made.state().all(WorkerHealth) if one.worker == "gate")


@pytest.mark.alone
@pytest.mark.timeout(300)  # two whole pipelines are started, moved and ended
def test_two_pipelines_become_one_and_two_again() -> None:
    with two_pipelines() as (spare, desk):
        spare.start()
        desk.start()
        eventually(lambda: is_open(spare), "the gate is open", every_s=0.2)
        done = desk.partyline("split", "spare")
        assert done.returncode == 0, done.stderr
        for made in (desk, spare):
            eventually(lambda made=made: stands(made), "the whole is shown, and the talker heard", every_s=0.3)  # type: ignore[misc]
        assert "spare/broker" in desk.partyline("status").stdout
        name = next(one.online_id for one in spare.state().all(PeerState))
        assert spare.partyline("gain", name, "3").returncode == 0
        assert any(talker.gain_db == 3.0 for talker in desk.state().one(MixerState).talkers)  # type: ignore[union-attr]
        before = {runs(made, name) for made in (spare, desk) for name in ("link", "gate")}
        desk.kill_9("link")
        spare.kill_9("gate")
        for name in ("link", "gate"):
            for made in (desk, spare):
                eventually(lambda made=made, name=name: runs(made, name) not in before, "the new runs are known")  # type: ignore[misc]
        eventually(lambda: stands(desk) and stands(spare), "all stands again", every_s=0.3)
        assert desk.partyline("leave").returncode == 0
        eventually(lambda: spare.state().one(PartyState).phase == "none", "the party is left", every_s=0.2)  # type: ignore[union-attr]
        assert desk.partyline("split", "--off").returncode == 0

        def is_whole(made: Pipeline) -> bool:
            fresh = {one.worker for one in made.state().all(WorkerHealth) if is_fresh(one, boot_s())}
            return {"auth", "session", "media", "audio", "recorder"} <= fresh and not any("/" in one for one in fresh)

        eventually(lambda: is_whole(desk) and is_whole(spare), "each is whole", every_s=0.3)
