"""The move of a home into another one: everything arrives, nothing is overwritten, nothing is lost."""

from __future__ import annotations

import errno
import fcntl
import os
from pathlib import Path

import pytest

from cli.machine import config_import
from cli.machine.config_import import take
from cli.shared.failures import CommandError
from common.files.paths import Paths
from common.system import folders

FILES = {
    "partyline.toml": "[log]\n",
    "state/session.json": "{}",
    "state/deep/more.json": "{}",
    "secrets/tokens-playstation.json": "{}",
    "recordings/raid/mix.flac": "sound",
    "avatars/Bo.png": "picture",
    "takes/another folder of [recorder]/mix.flac": "sound",
}
LEFT = {"log/media.log": "log", "run/broker.lock": "", "cache/pictures/1": "x", "supervisord.conf": "; made"}


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("PARTYLINE_CONF", raising=False)
    put(tmp_path / "checkout/var", {**FILES, **LEFT})
    (tmp_path / "checkout/supervisord.conf").touch()
    return tmp_path / "checkout/var"


def put(home: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text)


def found(home: Path) -> dict[str, str]:
    return {str(file.relative_to(home)): file.read_text() for file in home.rglob("*") if file.is_file()}


@pytest.mark.parametrize("named", ["checkout", "checkout/var"])
@pytest.mark.parametrize("across", [False, True])
def test_everything_arrives_and_what_is_made_anew_stays(tmp_path, source, monkeypatch, named, across):
    if across:
        refuse_renames_out_of(source, monkeypatch)
    paths = Paths(tmp_path / "new")
    paths.make()  # its folders are there already, as after a first start
    lines = take(tmp_path / named, paths)
    assert found(paths.home) == FILES
    assert found(source) == LEFT
    assert any(line.startswith(f"Left in {source}") for line in lines)
    assert not [path for path in source.iterdir() if path.name not in config_import.LEFT]


def refuse_renames_out_of(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the folder lie on another disk."""
    rename = Path.rename

    def refuse(self: Path, target: Path) -> Path:
        if self.is_relative_to(folder):
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse)


def test_the_platforms_folders_take_the_settings_and_recordings(tmp_path, source, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    for name in folders.VARIABLES:
        monkeypatch.delenv(name, raising=False)
    paths = Paths(folders.data())
    take(source, paths)
    assert (paths.settings_file.read_text(), paths.settings_file.parent) == ("[log]\n", folders.config())
    assert (folders.recordings() / "raid/mix.flac").exists()
    assert (paths.state / "session.json").exists()


def test_what_both_have_stops_it_before_anything_is_moved_or_is_put_aside(tmp_path, source):
    paths = Paths(tmp_path / "new")
    put(paths.home, {"state/session.json": "newer", "state/own.json": "own"})
    with pytest.raises(CommandError, match=r"already has .*session\.json\. Nothing was moved"):
        take(source, paths)
    assert found(source) == {**FILES, **LEFT}
    take(source, paths, replace=True)
    now = found(paths.home)
    (aside,) = [name for name in now if name.startswith("replaced-")]
    assert (now.pop(aside), aside.partition("/")[2]) == ("newer", "state/session.json")
    assert now == {**FILES, "state/own.json": "own"}


def test_a_fault_in_the_middle_loses_nothing_and_the_next_run_goes_on(tmp_path, source, monkeypatch):
    paths = Paths(tmp_path / "new")
    move, moved = config_import._move, []

    def fail(old: Path, new: Path) -> None:
        if len(moved) == 3:
            raise OSError(errno.ENOSPC, "No space left on device")
        moved.append(old)
        move(old, new)

    monkeypatch.setattr(config_import, "_move", fail)
    with pytest.raises(CommandError, match="3 entries of"):
        take(source, paths)
    assert {**found(source), **found(paths.home)} == {**FILES, **LEFT}
    monkeypatch.setattr(config_import, "_move", move)
    take(source, paths)
    assert found(paths.home) == FILES


def test_a_copy_that_fails_leaves_the_original_and_no_half(tmp_path, monkeypatch):
    (tmp_path / "old").mkdir()
    (tmp_path / "old/a").write_text("a")
    refuse_renames_out_of(tmp_path / "old", monkeypatch)

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(config_import.shutil, "copytree", full)
    with pytest.raises(OSError, match="No space"):
        config_import._move(tmp_path / "old", tmp_path / "to/new")
    assert list((tmp_path / "to").iterdir()) == []
    assert (tmp_path / "old/a").read_text() == "a"


def test_a_link_still_leads_where_it_led(tmp_path, source):
    (tmp_path / "dotfiles.toml").write_text("[audio]\n")
    (source / "partyline.toml").unlink()
    (source / "partyline.toml").symlink_to("../../dotfiles.toml")
    paths = Paths(tmp_path / "else/where/new")
    take(source, paths)
    assert paths.settings_file.read_text() == "[audio]\n"


@pytest.mark.parametrize("which", ["source", "new"])
def test_while_either_runs_nothing_is_moved(tmp_path, source, which):
    paths = Paths(tmp_path / "new")
    paths.make()
    running = Paths(source) if which == "source" else paths
    running.run.mkdir(parents=True, exist_ok=True)
    handle = os.open(running.run / "media.lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        with pytest.raises(CommandError, match="is running") as caught:
            take(source, paths)
        assert f"PARTYLINE_HOME={running.home} partyline down" in caught.value.remedy
    finally:
        os.close(handle)
    assert set(FILES) <= set(found(source))


def test_a_folder_that_is_no_home_and_the_home_itself_are_refused(tmp_path, source):
    with pytest.raises(CommandError, match="is no home"):
        take(tmp_path, Paths(tmp_path / "new"))
    with pytest.raises(CommandError, match="this home itself"):
        take(source, Paths(source))
    with pytest.raises(CommandError, match="lies in the other"):
        take(source, Paths(source / "inner"))
