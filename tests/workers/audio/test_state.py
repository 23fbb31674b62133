from __future__ import annotations

from common.config.tables import AudioSettings
from common.messages import AudioFrame
from workers.audio.memory import Choices
from workers.audio.mix.talker_frames import TalkerFrame
from workers.audio.mixing_desk import MixingDesk
from workers.audio.sinks.null import NullSink
from workers.audio.state import mixer_state

BO = "1002.PS5"


def speak(desk: MixingDesk, sounds: dict[str, list[bytes]]) -> None:
    """Let talkers speak, and the desk poll as the worker does: ten times a second."""
    count = max(len(sound) for sound in sounds.values())
    for tick in range(count):
        for peer, sound in sounds.items():
            header = AudioFrame(peer=peer, boot="m", tick=tick, tick_ns=tick * 10_000_000, sounding=True)
            desk.chain.inbox.append(TalkerFrame(header, sound[tick], tick * 10_000_000))
        desk.chain.frame(tick * 10_000_000 + 15_000_000, tick * 10_000_000 + 15_000_000)
        if tick % 10 == 9:
            desk.poll()


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
