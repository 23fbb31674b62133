"""A checkout runs in a folder of any name, and a launcher runs no checkout that somebody else has put in the way."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import xmlrpc.client
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from aiohttp import web
from supervisor.options import ServerOptions

from cli.pipeline.launch import prepare
from cli.probe import rehearsal
from cli.shared.failures import CommandError
from cli.shared.supervisor import of_conf
from common.files.paths import CHECKOUT, Paths
from tests.support.processes import short_folder
from tests.support.waiting import PATIENCE_S, eventually
from workers.session.leave.pipeline_stop import whole_pipeline_stops

ODD = ("Sam's R&D # 1", "100% mine; 50%s", "ünï 派🎮 [a]=(b)~*,")
VENV = Path(sys.executable).parent.parent


@pytest.fixture
def folder() -> Iterator[Path]:
    with short_folder() as made:
        yield made


def sources() -> list[str]:
    found = subprocess.run(["git", "ls-files", "-z"], cwd=CHECKOUT, capture_output=True, check=True).stdout
    return [name for name in found.decode().split("\0") if name]


def checkout(place: Path, *parts: str) -> Path:
    """Put the sources of those folders, and those beside them, into `place`, with this one's environment."""
    for name in sources():
        if "/" in name and not name.startswith(parts):
            continue
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(CHECKOUT / name, place / name)
    (place / ".venv").symlink_to(VENV)
    for name in ("run", "log"):
        (place / "var" / name).mkdir(parents=True)
    return place


@pytest.mark.parametrize("name", ODD)
def test_the_pipelines_supervisord_starts_a_worker_in_a_folder_of_any_name(folder: Path, name: str) -> None:
    place = checkout(folder / name, "common/", "workers/")
    conf = place / "supervisord.conf"
    kept = [part for part in conf.read_text().split("\n[") if not part.startswith("program:") or "broker]" in part]
    conf.write_text("\n[".join(kept))
    env = {key: value for key, value in os.environ.items() if not key.startswith(("PARTYLINE_", "SUPERVISOR_"))}
    supervisord = [sys.executable, "-m", "supervisor.supervisord", "-n", "-c", "supervisord.conf"]
    process = subprocess.Popen(supervisord, cwd=place, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    rpc, log = of_conf(conf), place / "var/log/supervisord.log"
    try:

        def runs() -> bool:
            assert process.poll() is None, process.stdout.read()
            said = log.read_text() if log.exists() else ""
            assert "spawnerr" not in said, said
            return rpc.alive() and [p.state for p in rpc.processes()] == ["RUNNING"]

        eventually(runs, lambda: f"the broker runs\n{log.read_text()}", every_s=0.05)
        eventually(lambda: "running" in (place / "var/log/broker.log").read_text(), "its log is where it belongs")
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE_S)


@pytest.mark.parametrize("name", ['say "no"', "back\\slash", "a$HOME", "a`id`", "a:b", "two\nlines"])
def test_a_name_that_cannot_work_is_refused_at_once_in_words(folder: Path, name: str) -> None:
    place = folder / name
    (place / "scripts").mkdir(parents=True)
    shutil.copy(CHECKOUT / "scripts/setup.sh", place / "scripts")
    done = subprocess.run(["sh", "scripts/setup.sh"], cwd=place, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Rename that folder" in done.stderr
    shutil.copy(CHECKOUT / "supervisord.conf", place)
    with pytest.raises(CommandError, match="character") as caught:
        prepare(place / "supervisord.conf", Paths(folder / "home"))
    assert "Rename" in caught.value.remedy


# --- launchers ---------------------------------------------------------------------------------------

Launch = Callable[[Path], "subprocess.CompletedProcess[str]"]


def venv(place: Path, says: str) -> Path:
    """Make a checkout whose `partyline` says `says`, and its words."""
    (place / ".venv/bin").mkdir(parents=True)
    (place / "supervisord.conf").touch()
    for name in ("partyline", "supervisord", "supervisorctl"):
        program = place / ".venv/bin" / name
        program.write_text(f'#!/bin/sh\necho "{says} $*"\n')
        program.chmod(0o755)
    return place


@pytest.fixture(params=ODD)
def launch(folder: Path, request: pytest.FixtureRequest) -> Launch:
    """Put launchers of a checkout with an odd name into a folder on PATH; return what runs one from a folder."""
    place = venv(folder / request.param, "home")
    shutil.copytree(CHECKOUT / "scripts", place / "scripts")
    programs = folder / "home/.local/bin"
    programs.mkdir(parents=True)
    env = {"HOME": str(folder / "home"), "PATH": f"{programs}:/usr/bin:/bin"}
    for made in (True, False):  # the second time there is nothing to do
        done = subprocess.run(
            ["sh", "scripts/launchers.sh"], cwd=place, env=env, capture_output=True, text=True, check=True
        )
        assert ("put launchers" in done.stdout) is made, done.stdout + done.stderr

    def run(cwd: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["partyline", "a b"], cwd=cwd, env=env, capture_output=True, text=True, check=False)

    return run


def test_a_launcher_finds_a_checkout_of_any_name_and_the_one_it_stands_in(folder: Path, launch: Launch) -> None:
    assert launch(folder).stdout == "home a b\n"
    inner = venv(folder / "my other's", "other") / "deep/down"
    inner.mkdir(parents=True)
    assert launch(inner).stdout == "other a b\n"


def test_homebrews_folder_gets_only_our_own_name(folder: Path) -> None:
    place = venv(folder / "checkout", "home")
    shutil.copytree(CHECKOUT / "scripts", place / "scripts")
    programs = folder / "home/bin"
    programs.mkdir(parents=True)
    (programs / "brew").write_text("#!/bin/sh\n")
    (programs / "brew").chmod(0o755)
    env = {"HOME": str(folder / "home"), "PATH": f"{programs}:/usr/bin:/bin"}
    done = subprocess.run(
        ["sh", "scripts/launchers.sh"], cwd=place, env=env, capture_output=True, text=True, check=True
    )
    assert sorted(file.name for file in programs.iterdir()) == ["brew", "partyline"]
    assert "no folder on PATH takes supervisord: call .venv/bin/supervisord" in done.stdout


def test_a_launcher_runs_nothing_that_somebody_else_could_have_put_there(folder: Path, launch: Launch) -> None:
    foreign = venv(folder / "open/foreign", "foreign")
    (folder / "open").chmod(0o777)
    done = launch(foreign)
    assert done.stdout == "home a b\n"
    assert "leaving" in done.stderr
    (folder / "open").chmod(0o755)
    assert launch(foreign).stdout == "foreign a b\n"
    foreign.chmod(0o777)
    assert launch(foreign).stdout == "home a b\n"
    foreign.chmod(0o755)
    if os.getuid() == 0:
        os.chown(foreign, 65534, -1)
        assert launch(foreign).stdout == "home a b\n"


async def test_session_finds_its_supervisord_at_a_path_that_is_no_plain_url(folder: Path) -> None:
    place = folder / "hash # tag? 100%"
    place.mkdir()
    running = [{"name": "media", "statename": "RUNNING"}, {"name": "session", "statename": "STOPPING"}]

    async def answer(_: web.Request) -> web.Response:
        return web.Response(text=xmlrpc.client.dumps((running,), methodresponse=True), content_type="text/xml")

    app = web.Application()
    app.router.add_post("/RPC2", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.UnixSite(runner, str(place / "s.sock")).start()
    try:
        assert not await whole_pipeline_stops(f"unix://{place}/s.sock", "session")
    finally:
        await runner.cleanup()


def test_a_rehearsals_supervisord_takes_a_folder_of_any_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = folder / "Sam's 100% # ünï"
    for name in ("log", "run"):
        (home / name).mkdir(parents=True)
    conf = home / "supervisord.conf"
    conf.write_text(rehearsal.configuration(Paths(home)))
    for name, value in rehearsal.environment(Paths(home)).items():
        monkeypatch.setenv(name, value)
    options = ServerOptions()
    options.realize(["-n", "-c", str(conf)])
    assert options.pidfile == str(Paths(home).run / "supervisord.pid")
    programs = [group.process_configs[0] for group in options.process_group_configs]
    assert {Path(program.stdout_logfile).parent for program in programs} == {home / "log"}
    assert all(shlex.split(program.command)[0] == sys.executable for program in programs)
