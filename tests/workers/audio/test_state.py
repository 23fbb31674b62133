from __future__ import annotations

from common.config.tables import AudioSettings
from common.messages import TalkerProcessing
from tests.workers.audio.rig import speak
from workers.audio.memory import Choices
from workers.audio.mix.voices.reports import SuppressionReport
from workers.audio.mixing_desk import MixingDesk
from workers.audio.sinks.null import NullSink
from workers.audio.state import mixer_state

BO = "1002.PS5"


def test_processing_is_told_with_the_delay_that_it_has_now() -> None:
    desk = MixingDesk(AudioSettings(), Choices())
    desk.choices.set_processing(BO, TalkerProcessing(suppress=True))
    speak(desk, {"1.PS5": [bytes(960)] * 5, BO: [bytes(960)] * 5})
    told = mixer_state(
        desk,
        NullSink(),
        processing_ms={BO: 30.0, "1.PS5": 0.0}.__getitem__,
        suppression=SuppressionReport("It is slow.", 2, 5.0),
    )
    assert (told.no_suppression, told.suppression_pauses, told.suppression_paused_at) == ("It is slow.", 2, 5.0)
    assert {talker.peer: (talker.processing.suppress, talker.processing_ms) for talker in told.talkers} == {
        "1.PS5": (False, 0.0),
        BO: (True, 30.0),
    }


def test_whom_a_solo_silences_is_told() -> None:
    desk = MixingDesk(AudioSettings(), Choices())
    desk.choices.set_solo(BO, solo=True)
    assert not mixer_state(desk, NullSink()).solo, "who is solo is not in the mix yet"
    speak(desk, {"1.PS5": [bytes(960)] * 5, BO: [bytes(960)] * 5})
    told = mixer_state(desk, NullSink())
    assert told.solo
    assert {talker.peer: talker.hushed for talker in told.talkers} == {"1.PS5": True, BO: False}
    del desk.chain.mixer.voices["1.PS5"]
    assert {t.peer: t.hushed for t in mixer_state(desk, NullSink()).talkers}["1.PS5"], "also before he sounds again"
