from __future__ import annotations

import configparser
from pathlib import Path

from common.files.paths import CHECKOUT

conf = configparser.RawConfigParser(inline_comment_prefixes=(" ;",))
conf.read(CHECKOUT / "supervisord.conf")
programs = {name.partition(":")[2]: conf[name] for name in conf.sections() if name.startswith("program:")}


def test_every_worker_is_supervised() -> None:
    folders = {path.parent.name for path in Path(CHECKOUT, "workers").glob("*/__main__.py")}
    assert set(programs) == folders | {"simulator"}


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
    assert all(program["autorestart"] == "true" for name, program in programs.items() if name != "simulator")
