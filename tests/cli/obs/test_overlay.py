"""`partyline obs overlay` without a pipeline."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from cli.__main__ import main
from cli.obs.overlay import where
from common.messages import ObsSource
from tests.cli.obs.fake_obs import FakeObs
from tests.cli.obs.test_direct import obs  # noqa: F401  # a fixture


async def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    """Return exit code and output of `partyline obs overlay`."""
    code = await asyncio.to_thread(main, ["obs", "overlay", *words])
    return code, capsys.readouterr().out


async def test_the_overlay_is_put_there_changed_and_taken_out(
    obs: FakeObs,  # noqa: F811
    tmp_path: Path,  # its home
    capsys: pytest.CaptureFixture[str],
):
    look = "http://127.0.0.1:8770/overlay?key=of-another&layout=row&max=5"
    code, out = await said(capsys, look, "--scene", "Break")
    assert (code, out.splitlines()[0]) == (0, "partyline overlay: created.")
    assert "It is in the scenes: Break." in out
    assert obs.url("partyline overlay").endswith("&layout=row&max=5")
    assert "of-another" not in obs.url("partyline overlay")
    code, out = await said(capsys, "layout=bubbles", "--json")
    assert json.loads(out) == {
        "changes": [{"name": "partyline overlay", "done": "updated"}],
        "overlays": [{"name": "partyline overlay", "scenes": ["Break"]}],
    }
    code, out = await said(capsys, "--remove")
    assert (code, out) == (0, "partyline overlay: removed.\nOBS has no overlay of partyline now.\n")
    assert obs.inputs == {}


async def test_an_obs_without_browser_sources_is_told_with_what_to_do(
    obs: FakeObs,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
):
    obs.kinds.remove("browser_source")
    assert await asyncio.to_thread(main, ["obs", "overlay"]) == 1
    told = capsys.readouterr().err
    assert "This build of OBS has no Browser Source." in told
    assert "capture its window" in told


def test_one_that_is_in_no_scene_is_told() -> None:
    assert "none, so it is not seen" in where([ObsSource(name="o", carries="overlay")])
