"""Where the sockets lie when the home takes none, and what is said where they can lie nowhere."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
import zmq

from common.bus.sockets import bind
from common.errors import BusError
from common.files.paths import Paths, usable_umask


def test_a_home_in_which_nothing_can_be_written_has_its_sockets_elsewhere(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = Paths(home)
    assert paths.run == home / "run"
    monkeypatch.setattr(os, "access", lambda path, mode: home not in (Path(path), *Path(path).parents))
    elsewhere = paths.run
    assert elsewhere.parent == Path("/tmp")
    assert Paths(home).run == elsewhere
    try:
        paths.make()
        assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o700
    finally:
        elsewhere.rmdir()


def test_a_home_that_becomes_read_only_keeps_the_sockets_that_it_has(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "run" / "broker.sock").touch()
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert Paths(home).run == home / "run"


def test_a_home_that_is_not_there_yet_is_made_where_that_can_be(home: Path) -> None:
    assert Paths(home / "new" / "home").run == home / "new" / "home" / "run"


@pytest.mark.parametrize("umask", [0o277, 0o777, 0o022])
def test_an_umask_takes_nothing_from_ourselves(home: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        usable_umask()
        paths = Paths(home / "another")
        paths.make()
        (paths.state / "file").write_text("x")
        assert stat.S_IMODE((paths.state / "file").stat().st_mode) == 0o666 & ~(umask & 0o077)
    finally:
        os.umask(before)
    assert stat.S_IMODE(paths.run.stat().st_mode) == 0o700


def test_a_socket_that_cannot_be_made_is_a_sentence(home: Path) -> None:
    said = r"gone/media\.sock cannot be made: No such file"
    with zmq.Context() as context, context.socket(zmq.PUB) as socket, pytest.raises(BusError, match=said) as met:
        bind(socket, home / "gone", "media")
    assert "partyline up" in met.value.remedy
