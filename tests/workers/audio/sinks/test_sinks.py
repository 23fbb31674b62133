"""Every kind of sink is known everywhere: where it is made, worded, and told of when it fails."""

from __future__ import annotations

from typing import get_args

import pytest

from common.basic.values import SinkKind
from common.config.tables import AudioSettings
from workers.audio.memory import Choices
from workers.audio.mixing_desk import MixingDesk
from workers.audio.sinks import where
from workers.audio.sinks.null import NullSink
from workers.audio.state import mixer_state
from workers.audio.surroundings import SINK_PROBLEMS, SINKS

KINDS = get_args(SinkKind)


def test_each_kind_has_a_sink_and_each_sink_that_can_fail_a_problem() -> None:
    assert [sink.kind for sink in SINKS] == list(KINDS)
    assert {"audio.no-device", "audio.file"} < set(SINK_PROBLEMS)


@pytest.mark.parametrize("wanted", KINDS)
@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_its_words(kind: SinkKind, wanted: SinkKind) -> None:
    assert where(kind, wanted, "it").startswith("nowhere: " if kind == "null" else "to the ")


@pytest.mark.parametrize(
    ("kind", "wanted", "target", "said"),
    [
        ("device", "device", "BlackHole 2ch", "to the sound device “BlackHole 2ch”"),
        ("device", "device", "", "to the default sound device"),
        ("file", "file", "/x/party.wav", "to the file /x/party.wav"),
        ("null", "device", "", "nowhere: there is no sound device, so only OBS's page plays the mix"),
        ("null", "file", "", "nowhere: its file cannot be written, so only OBS's page plays the mix"),
    ],
)
def test_a_person_reads_where_the_sound_goes(kind: SinkKind, wanted: SinkKind, target: str, said: str) -> None:
    assert where(kind, wanted, target) == said


def test_a_kind_that_nobody_words_is_an_error_and_no_silence() -> None:
    with pytest.raises(AssertionError):
        where("pigeon", "pigeon", "")  # type: ignore[arg-type]


def test_the_mixer_says_it() -> None:
    assert "no sound device is used" in mixer_state(MixingDesk(AudioSettings(sink="null"), Choices()), NullSink()).where
