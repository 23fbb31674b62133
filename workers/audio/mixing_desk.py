"""The mixing desk, which applies the settings of each talker and of the mix to the chain. No I/O, no clock.

It runs in the worker's thread. The sink's thread calls only `new_voice`, which just reads.
"""

from __future__ import annotations

import msgspec

from common.config import tables
from common.messages import Member, TalkerProcessing
from common.requests import SetMaster
from workers.audio.memory import Choices
from workers.audio.mix.chain import Chain, Tap
from workers.audio.mix.levels.talker_levels import TalkerLevels
from workers.audio.mix.mixer import Voice, gain_factor
from workers.audio.mix_settings import MixSettings


class MixingDesk:
    def __init__(self, configured: tables.AudioSettings, choices: Choices, tap: Tap | None = None) -> None:
        self.choices = choices
        self.settings = MixSettings(configured, choices)
        self.levels = TalkerLevels(configured.level_lufs, choices)
        rows = 1 + len(self.settings.channels)
        self.chain = Chain(configured.queue_ms, self.settings.gain_db, self.new_voice, rows=rows, tap=tap)
        self.chain.delay.set_ms(self.settings.delay_ms)

    def new_voice(self, peer: str) -> Voice:
        voice = Voice()
        self._apply(peer, voice)
        return voice

    def processing_of(self, peer: str) -> TalkerProcessing:
        """Return what is wanted before the mix for a talker, where panning is none of it. Other threads call it too."""
        return msgspec.structs.replace(self.choices.of(peer).processing, pan=0.0)

    def refresh(self) -> None:
        """Apply all settings to the chain."""
        mixer = self.chain.mixer
        for peer, voice in list(mixer.voices.items()):
            self._apply(peer, voice)
        mixer.resolve_solo()
        mixer.master.change_to(gain_factor(self.settings.gain_db))
        self.chain.delay.set_ms(self.settings.delay_ms)

    def _apply(self, peer: str, voice: Voice) -> None:
        settings, choice = self.settings, self.choices.of(peer)
        voice.route(tuple(1 + settings.channels.index(channel) for channel in settings.channels_of(peer)))
        voice.pan_to(choice.processing.pan)
        voice.set_level(self.levels.gain_db(peer) if settings.levelling else 0.0)
        voice.set(settings.gain_of(choice), muted=choice.muted, solo=choice.solo)

    def set_master(self, request: SetMaster) -> None:
        """Change the values that the request names, and apply them."""
        self.choices.set_master(
            gain_db=request.gain_db,
            delay_ms=request.delay_ms,
            levelling=request.levelling,
            newcomer_gain_db=request.newcomer_gain_db,
        )
        self.refresh()

    def on_members(self, members: tuple[Member, ...]) -> None:
        """Apply the routes to the members, who are known by their online ids now."""
        self.settings.record_names(members)
        self.refresh()

    def poll(self) -> None:
        """Advance levelling. Called ten times a second."""
        self.levels.poll(self.chain.mixer.voices, is_on=self.settings.levelling)
