"""The table of the pipeline's programs, and the configurations made from it."""

from __future__ import annotations

import configparser
import shlex
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

import pytest
from supervisor.options import ServerOptions

from common.basic.division import MOVABLE, of
from common.files.paths import CHECKOUT
from common.run.programs import CONF, ELSEWHERE, PROGRAMS, WITHOUT_HEARTBEAT, checkout_conf, home_conf
from common.run.supervisor import Process, Supervisor

conf = configparser.RawConfigParser(inline_comment_prefixes=(" ;",))
conf.read(CHECKOUT / "supervisord.conf")
programs = {name.partition(":")[2]: conf[name] for name in conf.sections() if name.startswith("program:")}


def test_every_worker_is_supervised() -> None:
    folders = {path.parent.name for path in Path(CHECKOUT, "workers").glob("*/__main__.py")}
    assert set(programs) == folders | WITHOUT_HEARTBEAT


def test_the_party_is_left_before_anything_else_stops() -> None:
    order = sorted(programs, key=lambda name: -programs[name].getint("priority"))
    assert order[0] == "session"
    assert order[-1] == "broker"
    assert order.index("auth") > order.index("session")


def test_a_worker_has_time_for_its_orderly_stop_and_the_whole_for_15_seconds() -> None:
    assert all(program.getint("stopwaitsecs") > 5 for program in programs.values())


def test_nothing_needs_an_activated_environment() -> None:
    assert all(program["command"].startswith('"%(here)s/.venv/bin/python" ') for program in programs.values())


def test_no_worker_is_given_up() -> None:
    """Each holds itself back after some short lives; what supervisord gives up stays down when the cause is gone."""
    assert all(program.getint("startretries") >= 1_000_000 for program in programs.values())
    finishing = {*WITHOUT_HEARTBEAT, "gate", "link", "webrtc"}
    for name, program in programs.items():
        if name in finishing:
            assert program["exitcodes"] == (f"0,{ELSEWHERE}" if name == "webrtc" else "0")
        elif name != "broker":  # it ends so only where `[split]` gives it to another machine
            assert (program["autorestart"], program["exitcodes"]) == ("unexpected", str(ELSEWHERE))
    assert programs["broker"]["autorestart"] == "true"


def test_the_checkouts_file_is_the_rendered_one() -> None:
    """`python -m common.run.programs > supervisord.conf` makes it."""
    assert (CHECKOUT / CONF).read_text("utf-8") == checkout_conf()


# --- any other home ----------------------------------------------------------------------------------

NAMES = (
    "plain",
    "Sam's R&D # 1; old",
    "100% mine; 50%s %(here)s",
    "ünï 派🎮 [a]=(b)~*,",
    'say "no"',
    "back\\s $HOME `id` a:b",
)


@pytest.mark.parametrize("name", NAMES)
def test_supervisord_reads_every_path_of_a_home_as_it_is(tmp_path: Path, name: str) -> None:
    home, python = tmp_path / name / "home", str(tmp_path / name / "bin #2/python")
    for folder in ("log", "run"):
        (home / folder).mkdir(parents=True)
    text = home_conf(python=python, home=home, log=home / "log", run=home / "run", environment={"A_HOME": str(home)})
    (home / CONF).write_text(text, "utf-8")
    options = ServerOptions()
    options.realize(["-n", "-c", str(home / CONF)])
    assert (options.pidfile, options.logfile) == (f"{home}/run/supervisord.pid", f"{home}/log/supervisord.log")
    assert options.configroot.supervisord.environment == {"PYTHONDONTWRITEBYTECODE": "", "A_HOME": str(home)}
    (server,) = options.server_configs
    assert server["file"] == f"{home}/run/supervisor.sock"
    started = {group.name: group.process_configs[0] for group in options.process_group_configs}
    assert {name: one.stdout_logfile for name, one in started.items()} == {
        name: f"{home}/log/{name}.log" for name in programs
    }
    assert all(shlex.split(one.command)[:3] == [python, "-P", "-m"] for one in started.values())
    assert {one.directory for one in started.values()} == {str(home)}
    assert shlex.split(started["simulator"].command)[3:] == ["simulator", "--managed"]


@pytest.mark.parametrize("name", ["two\nlines", "both ' and \""])
def test_what_supervisord_cannot_be_told_is_refused(name: str) -> None:
    home = Path("/", name)
    with pytest.raises(ValueError, match=r"a line break|both kinds"):
        home_conf(python="p", home=home, log=home, run=home, environment={"A_HOME": str(home)})


def test_a_home_says_first_that_it_is_written_anew_and_may_have_some_programs_only() -> None:
    home = Path("/home")
    text = home_conf(python="p", home=home, log=home, run=home, environment={}, only=("auth",))
    assert "Changes made here are lost" in text.splitlines()[0]
    assert [line for line in text.splitlines() if line.startswith("[program:")] == ["[program:auth]"]


# --- workers that follow a division ---------------------------------------------------------------------


class Supervised(Supervisor):
    """supervisord's list as the test has it, and what it was told to restart."""

    def __init__(self, **states: tuple[str, int]) -> None:
        super().__init__("unix:///nowhere")
        self._states = states
        self.restarted: list[str] = []

    def processes(self) -> list[Process]:
        return [Process(one.name, *self._states.get(one.name, ("RUNNING", 0)), "log") for one in PROGRAMS]

    def restart(self, names: Sequence[str]) -> None:
        self.restarted += names


WHOLE = dict.fromkeys(("gate", "link", "webrtc", "integrations"), ("EXITED", 0))
RUNNING = tuple(one.name for one in PROGRAMS if one.name not in {*WHOLE, "simulator"})
AWAY = ("EXITED", ELSEWHERE)
PARTY = ("auth", "media", "signaling", "session")


def is_here(side: str) -> Callable[[str], bool]:
    found = of("other", side, MOVABLE)  # type: ignore[arg-type]
    assert found is not None
    return found.is_here


@pytest.mark.parametrize(
    ("states", "here", "running", "moved"),
    [
        (WHOLE, lambda _: True, RUNNING, set()),
        (WHOLE, is_here("desk"), RUNNING, {*PARTY, "simulator"}),
        (WHOLE, is_here("spare"), RUNNING, {"audio", "dashboard", "recorder", "obs"}),
        (dict.fromkeys(PARTY, AWAY) | {"simulator": ("EXITED", 0)}, is_here("desk"), MOVABLE, set()),
        (
            dict.fromkeys(PARTY, AWAY) | {"simulator": ("EXITED", 0)},
            lambda _: True,
            MOVABLE,
            {*PARTY, "simulator"},
        ),
        (
            dict.fromkeys(MOVABLE, AWAY) | {"integrations": ("EXITED", 0)},
            lambda _: True,
            PARTY,
            {"audio", "dashboard", "recorder", "obs", "webrtc", "integrations"},
        ),
    ],
)
def test_who_is_restarted(
    states: dict[str, tuple[str, int]], here: Callable[[str], bool], running: Collection[str], moved: set[str]
) -> None:
    supervisor = Supervised(**states)
    assert set(supervisor.settle(here, running)) == set(supervisor.restarted) == moved


def test_a_worker_that_belongs_elsewhere_is_not_missing() -> None:
    assert Process("auth", "EXITED", ELSEWHERE, "log").finished
    assert not Process("auth", "EXITED", 1, "log").finished
