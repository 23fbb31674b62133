"""A running veadotube is found by its file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from integrations.veadotube import instances
from integrations.veadotube.instances import ALIVE_S, VeadoInstance, VeadotubeAwayError

NOW = 1739023315.0


def write(folder: Path, name: str, **keys: object) -> None:
    (folder / name).write_text(
        json.dumps({"time": NOW, "name": "veadotube mini", "id": name, "version": "2.1", **keys})
    )


def test_those_that_run_are_found_and_others_left_alone(tmp_path: Path) -> None:
    write(tmp_path, "mini-1", server="127.0.0.1:2424")
    write(tmp_path, "mini-2", server="127.0.0.1:2425", time=NOW - ALIVE_S - 1)
    (tmp_path / "mini-3").write_text("{")
    (tmp_path / "mini-4").write_bytes(b"\xff")
    (tmp_path / "mini-5").mkdir()
    found = instances.running(tmp_path, NOW)
    assert [one.id for one in found] == ["mini-1"]
    assert instances.choose(found, "") == "127.0.0.1:2424"
    assert instances.running(tmp_path / "no", NOW) == []


@pytest.mark.parametrize(("names", "wanted", "told"), [
    ((), "", "No veadotube is running"), (("Bo", "Cy"), "", "Several veadotubes run: “Bo”"),
    (("Bo",), "Di", "No running veadotube is called “Di”: “Bo”"),
])  # fmt: skip
def test_which_one_is_meant_must_be_clear(names: tuple[str, ...], wanted: str, told: str) -> None:
    some = [VeadoInstance(NOW, name, f"mini-{name}", "127.0.0.1:1") for name in names]
    with pytest.raises(VeadotubeAwayError, match=told) as away:
        instances.choose(some, wanted)
    assert away.value.remedy


def test_it_is_chosen_by_a_part_of_its_name_or_id() -> None:
    some = [VeadoInstance(NOW, "Bo", "mini-1", ":5"), VeadoInstance(NOW, "Cy", "veado-2", "h:6")]
    assert instances.choose(some, "bo") == "127.0.0.1:5"
    assert instances.choose(some, "veado-") == "h:6"


@pytest.mark.parametrize("server", ["", ":0", "127.0.0.1", "127.0.0.1:x"])
def test_a_server_that_is_off_is_said(server: str) -> None:
    with pytest.raises(VeadotubeAwayError, match="server of “Bo” is off"):
        instances.choose([VeadoInstance(NOW, "Bo", "mini-1", server)], "")
