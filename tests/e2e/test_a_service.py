"""The service by a real systemd, in the real realm: boot-like start, a kill of everything, and leaving at the stop."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.machine.service.spec import STOP_LIMIT_S
from tests.e2e.pipeline import Control
from tests.e2e.test_a_real_realm import URLS, members, server
from tests.e2e.user_systemd import UserSystemd, user_systemd
from tests.support.processes import free_port, short_folder
from tests.support.waiting import eventually

__all__ = ["server"]  # the fixture
pytestmark = pytest.mark.alone
PARTYLINE = (sys.executable, "-P", "-m", "cli")
UNIT = "partyline-*.service"
START_S = 120.0


def settings(info: dict[str, str]) -> str:
    """Return a partyline.toml with all that an unattended pipeline needs, for its environment is empty."""
    psn = "\n".join(f"{key} = {json.dumps(info[key])}" for key in URLS)
    return f"""
[psn]
realm = "playstation"
{psn}
[auth]
store = "file"
[ice]
stun_servers = []
[audio]
sink = "null"
[dashboard]
port = {free_port()}
"""


class Service:
    """The service of one home, and questions to it."""

    def __init__(self, systemd: UserSystemd, home: Path) -> None:
        self._systemd = systemd
        self._home = home

    def partyline(self, *words: str, stdin: str = "") -> str:
        done = self._systemd.run(*PARTYLINE, *words, stdin=stdin, PARTYLINE_HOME=str(self._home))
        assert done.returncode in (0, 3), done.stdout + done.stderr
        return done.stdout

    def is_heard(self) -> bool:
        status = self.partyline("status", "--json")
        peers = json.loads(status)["peers"] if status else []
        return bool(peers) and all(peer["connection"] == "connected" and peer["heard_s"] > 0 for peer in peers)

    def systemctl(self, *words: str) -> str:
        return self._systemd.run("systemctl", "--user", *words).stdout.strip()


def test_it_starts_as_at_boot_survives_a_kill_of_everything_and_leaves_the_party_at_its_stop(
    server: dict[str, str], record_property: Callable[[str, object], None]
) -> None:
    control = Control(server["control_url"])
    control.post("chorus", {"on": True})
    with short_folder() as folder, user_systemd(folder) as systemd:
        home = folder / "my home 100% ü"
        home.mkdir()
        home.joinpath("partyline.toml").write_text(settings(server), encoding="utf-8")
        service = Service(systemd, home)
        service.partyline("login", "--npsso-file", "-", stdin=server["npsso"])
        assert "Installed and started" in service.partyline("service", "install")
        eventually(lambda: service.partyline("status"), "the pipeline answers", START_S, every_s=0.5)
        service.partyline("join", server["party_link"])
        eventually(service.is_heard, "everybody is heard", START_S, every_s=0.5)
        assert members(control) == 4

        began = time.monotonic()
        service.systemctl("kill", "--kill-who=all", "--signal=KILL", UNIT)
        # It is "deactivating" first. Then it waits for its next start by itself.
        eventually(lambda: service.systemctl("is-active", UNIT) == "activating", "systemd starts it again", every_s=0.2)
        service.systemctl("restart", home_unit(folder))  # its 30 s are not waited for here, as a "start" would do
        eventually(service.is_heard, "everybody is heard again, without a command", START_S, every_s=0.5)
        record_property("back after a kill of everything, s", round(time.monotonic() - began, 1))
        assert members(control) == 4  # and nobody is in it twice

        began = time.monotonic()
        service.partyline("service", "remove")
        took_s = time.monotonic() - began
        record_property("stopped and left, s", round(took_s, 1))
        assert took_s < STOP_LIMIT_S
        assert members(control) == 3
        assert [item["reason"] for item in control.get("violations")] == []


def home_unit(folder: Path) -> str:
    (unit,) = (folder / "config" / "systemd" / "user").glob("*.service")
    return unit.name
