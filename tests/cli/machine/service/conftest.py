"""A machine for `partyline service`: a user's folder, a home, and stand-ins for the system's programs."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from cli.__main__ import main
from cli.machine.service import managers
from cli.machine.service.install import ServiceOwner
from common.files.paths import Paths
from tests.cli.machine.service.fakes import Fakes
from tests.support.processes import short_folder


@dataclass
class Machine:
    user: Path
    paths: Paths
    fakes: Fakes
    daemons: Path
    capsys: pytest.CaptureFixture[str]

    @property
    def agent(self) -> Path:
        return next((self.user / "Library" / "LaunchAgents").glob("*.plist"))

    @property
    def unit(self) -> Path:
        return next((self.user / "config" / "systemd" / "user").glob("*.service"))

    def run(self, *words: str) -> tuple[int, str, str]:
        """Run `partyline service` in this process."""
        code = main(["service", *words])
        out, err = self.capsys.readouterr()
        return code, out, err


Make = Callable[[str], Machine]


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Make]:
    with short_folder() as folder:

        def make(platform: str) -> Machine:
            user = folder / "user"
            user.mkdir()
            fakes = Fakes(folder / "bin", user / "config" / "systemd" / "user")
            for name in [name for name in os.environ if name.startswith(("PARTYLINE_", "SSH_", "SUDO_"))]:
                monkeypatch.delenv(name)
            for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "ssl_cert_file", "ssl_cert_dir"):
                monkeypatch.delenv(name, raising=False)
                monkeypatch.delenv(name.upper(), raising=False)
            monkeypatch.setenv("HOME", str(user))
            monkeypatch.setenv("XDG_CONFIG_HOME", str(user / "config"))
            monkeypatch.setenv("PARTYLINE_HOME", str(user / "home"))
            monkeypatch.setenv("PARTYLINE_CONF", str(folder / "supervisord.conf"))
            (folder / "supervisord.conf").write_text("")
            monkeypatch.setenv("PATH", str(fakes.folder))
            monkeypatch.setattr(managers, "PLATFORM", platform)
            monkeypatch.setattr(managers, "DAEMONS", user / "LaunchDaemons")
            ann = ServiceOwner(501, "ann", user, has_root=False)  # the tests may run as root, who is refused
            monkeypatch.setattr(ServiceOwner, "of_environment", lambda: ann)
            return Machine(user, Paths(user / "home"), fakes, user / "LaunchDaemons", capsys)

        yield make
