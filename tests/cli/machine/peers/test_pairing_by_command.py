"""`pair`, `peers`, `--at`, `unpair` with two homes on this machine, a real broker and a real gate."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.__main__ import COMMANDS, main
from cli.machine.peers import discovery, pair
from cli.machine.peers.discovery import WaitingMachine
from cli.shared import far
from cli.shared.failures import CommandError
from common.bus.peers import keyring
from common.files.paths import Paths
from tests.support.processes import Process, free_port, short_folder
from tests.support.waiting import eventually

Say = Callable[..., tuple[int, str, str]]


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Say:
    """Runs a command in a home."""

    def one(home: Path, *words: str) -> tuple[int, str, str]:
        monkeypatch.setenv("PARTYLINE_HOME", str(home))
        code = main(list(words))
        out, err = capsys.readouterr()
        return code, out, err

    return one


def test_two_homes_are_paired_and_one_asks_the_other(say: Say) -> None:
    port = free_port()
    with short_folder() as spare, short_folder() as desk:
        Paths(spare).make()
        env = {"PARTYLINE_HOME": str(spare), "PARTYLINE_PEERS__PORT": str(port), "PARTYLINE_PEERS__LISTEN": "127.0.0.1"}
        shown = spare / "shown"
        with shown.open("wb") as out:
            host = subprocess.Popen(
                [sys.executable, "-m", "cli", "pair"], env={**os.environ, **env}, stdout=out, stderr=subprocess.DEVNULL
            )
        try:
            code = eventually(lambda: re.search(r"pair (\d{6})", shown.read_text()), "it shows the code")[1]
            wrong = f"{(int(code) + 1) % 10**6:06d}"
            status, _, err = say(desk, "pair", wrong, "--with", f"127.0.0.1:{pair.pairing_port(port)}")
            assert (status, err.splitlines()[0]) == (1, "The code is wrong.")
            status, out_, err = say(desk, "pair", code, "--with", f"127.0.0.1:{pair.pairing_port(port)}")
            assert (status, "is paired" in out_) == (0, True), err
            assert host.wait(30) == 0
        finally:
            host.kill()
        (known,) = json.loads(say(desk, "peers", "--json")[1])
        assert (known["address"], known["right"]) == (f"127.0.0.1:{port}", None)
        assert "may see and control" in say(spare, "peers")[1]
        guest = json.loads(say(spare, "peers", "--json")[1])[0]["name"]
        assert say(spare, "peers", guest, "--may-sign-in", "yes")[1].startswith(f"{guest} may see, control and sign in")
        assert say(spare, "peers", guest, "--right", "listen")[0] == 0
        assert "may see and hear" in say(spare, "peers", guest)[1]
        assert say(spare, "peers", guest, "--may-sign-in", "yes")[0] == 2, "it would not be able to"
        assert "may see and control" in say(spare, "peers", guest, "--right", "control")[1]
        assert say(spare, "peers", "--may-sign-in", "yes")[0] == 2
        assert say(desk, "peers", known["name"], "--may-sign-in", "yes")[0] == 2, "it has no access at all"
        processes = [Process("workers.broker", spare, env), Process("workers.gate", spare, env)]
        try:
            eventually(
                lambda: all(name in say(desk, "--at", known["name"], "status")[1] for name in ("broker", "gate")),
                "the other machine's workers are shown",
            )
            status, _, err = say(desk, "--at", known["name"], "restart", "media")
            assert (status, "own machine only" in err) == (2, True)
            status, _, err = say(desk, "--at", known["name"], "login", "--npsso-file", "-")
            assert (status, "does not let this machine sign it in" in err) == (1, True)
            assert say(desk, "unpair", known["name"])[0] == 0
            assert say(desk, "--at", known["name"], "status")[0] == 1
        finally:
            for process in processes:
                process.kill()


def test_a_machine_that_does_not_answer_is_said(say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(far, "ASK_S", 0.3)
    paths = Paths(tmp_path)
    paths.make()
    ring = keyring.loaded_or_new(paths)
    keyring.save(paths, ring.adding(keyring.PairedMachine(
        name="spare.local", public=ring.own.public, address=f"127.0.0.1:{free_port()}", met_at=1.0)))  # fmt: skip
    status, _, err = say(tmp_path, "--at", "spare", "status")
    assert (status, err.splitlines()[0]) == (1, "spare does not answer.")
    assert "partyline peers" in err


@pytest.mark.parametrize("words", [("--at",), ("--at", "spare"), ("--at", "spare", "up"), ("--at", "x", "nothing")])
def test_what_at_cannot_do_is_a_usage_error(say: Say, tmp_path: Path, words: tuple[str, ...]) -> None:
    assert say(tmp_path, *words)[0] == 2


def test_every_command_for_other_machines_is_a_command() -> None:
    assert set(COMMANDS) >= far.FIT


# --- finding the other one ---------------------------------------------------------------------------

MINI = WaitingMachine("mini.local", ("192.0.2.7",), 8776)


@pytest.mark.parametrize(
    ("machines", "words"), [([], "No machine in this network"), ([MINI, MINI], "Several machines")]
)
async def test_none_or_several_is_a_question_for_the_person(
    machines: list[WaitingMachine], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def found() -> list[WaitingMachine]:
        return machines

    monkeypatch.setattr(pair, "waiting_machines", found)
    with pytest.raises(CommandError, match=words) as refused:
        await pair._found()
    assert "--with" in refused.value.remedy


def test_an_address_is_used_where_the_name_is_not_known_here() -> None:
    assert WaitingMachine("no-such-name.invalid", ("192.0.2.7",), 8776).host == "192.0.2.7"
    assert WaitingMachine("localhost", ("192.0.2.7",), 8776).host == "localhost"


async def test_without_the_library_nobody_is_announced_or_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discovery, "HAS_BONJOUR", False)
    async with discovery.announced("mini.local", 1) as possible:
        assert not possible
    assert await discovery.waiting_machines() == []


async def test_one_machine_finds_another_by_bonjour() -> None:
    name = f"pl-test-{os.getpid()}.local"
    async with discovery.announced(name, 12345) as possible:
        if not possible:
            pytest.skip("this network has no multicast")
        found = await discovery.waiting_machines(look_s=8.0)
    if not found:
        pytest.skip("multicast does not come back on this network")
    assert (name, 12345) in [(one.name, one.port) for one in found]
