from __future__ import annotations

from pathlib import Path

import pytest

from common.config import settings
from common.errors import PartylineError, SettingsError
from common.files.paths import Paths
from workers.recorder.clip import clip_choice


def test_a_choice_goes_before_the_setting_and_is_remembered(tmp_path: Path) -> None:
    file = tmp_path / "clip.json"
    assert clip_choice.load(file, 60) == 60
    for seconds in (0, 30, 300):
        clip_choice.save(file, seconds)
        assert clip_choice.load(file, 60) == seconds


def test_a_length_that_is_too_short_is_refused_wherever_it_comes_from(tmp_path: Path) -> None:
    file = tmp_path / "clip.json"
    with pytest.raises(PartylineError, match="too short"):
        clip_choice.save(file, 29)
    file.write_text('{"seconds": 5}')
    assert clip_choice.load(file, 60) == 60
    with pytest.raises(SettingsError, match=r"clip\.seconds: 29 is too short"):
        settings.load(Paths(tmp_path), {"PARTYLINE_CLIP__SECONDS": "29"})


def test_nothing_is_kept_unless_somebody_asked(tmp_path: Path) -> None:
    assert settings.load(Paths(tmp_path), {}).clip.seconds == 0
