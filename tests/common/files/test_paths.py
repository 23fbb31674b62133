"""Where a home is, and what lies in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from common.files import paths as module
from common.files.paths import CHECKOUT, SOCKET_PATH_LIMIT, Paths, is_checkout, variables_of
from common.system import folders

PARTS = ("settings_file", "run", "state", "secrets", "log", "recordings", "avatars", "cache")


@pytest.fixture(autouse=True)
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("PARTYLINE_HOME", raising=False)
    for name in folders.VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the packages lie where an installation puts them."""
    monkeypatch.setattr(module, "CHECKOUT", tmp_path / "site-packages")


def test_a_checkout_keeps_everything_in_its_var() -> None:
    assert is_checkout()
    paths = Paths.of_environment()
    assert paths.home == CHECKOUT / "var"
    assert all(getattr(paths, part).is_relative_to(paths.home) for part in PARTS if part != "run")


def test_the_variable_wins_and_such_a_home_holds_everything(user, installed, monkeypatch) -> None:
    monkeypatch.setenv("PARTYLINE_HOME", "~/mine")
    paths = Paths.of_environment()
    assert paths.home == user / "mine"
    assert all(getattr(paths, part).parent == paths.home for part in PARTS if part != "run")
    assert variables_of(paths) == {"PARTYLINE_HOME": str(user / "mine")}


def test_an_installed_one_uses_the_platforms_folders(user, installed, monkeypatch) -> None:
    assert not is_checkout()
    paths = Paths.of_environment()
    assert (paths.home, paths.log, paths.cache) == (folders.data(), folders.log(), folders.cache())
    assert paths.settings_file == folders.config() / "partyline.toml"
    assert paths.recordings == folders.recordings()
    assert all(getattr(paths, part).is_relative_to(user) for part in PARTS if part != "run")
    paths.make()
    assert paths.log.is_dir()
    assert paths.settings_file.parent.is_dir()
    assert not paths.recordings.exists()  # only once there is a recording


def test_the_same_home_by_its_path_has_the_same_folders_in_another_process(user, installed, monkeypatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(user / "data"))
    paths = Paths.of_environment()
    told = variables_of(paths)
    monkeypatch.delenv("XDG_DATA_HOME")
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    again = Paths.of_environment()
    assert [getattr(again, part) for part in PARTS] == [getattr(paths, part) for part in PARTS]


def test_every_socket_of_a_home_has_a_path_that_is_short_enough(tmp_path) -> None:
    for length in range(1, 120, 7):
        run = Paths(tmp_path / ("x" * length)).run
        assert len(str(run / "supervisor.sock.4194304").encode()) <= SOCKET_PATH_LIMIT
