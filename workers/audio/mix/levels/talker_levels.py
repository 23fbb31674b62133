"""The levelling gains of all talkers, applied to their voices and kept by account. No I/O, no clock."""

from __future__ import annotations

from common.messages import PeerKey
from workers.audio.memory import Choices
from workers.audio.mix.levels.levelling import Leveller
from workers.audio.mix.mixer import Voice

_CHANGED_DB = 0.05
"""Chosen to be far below what can be heard."""


class TalkerLevels:
    def __init__(self, target_lufs: float, choices: Choices) -> None:
        self._target_lufs = target_lufs
        self._choices = choices
        self._levellers: dict[str, Leveller] = {}
        self._is_unsaved = False

    @property
    def is_unsaved(self) -> bool:
        """Whether the gains differ from those on disk."""
        return self._is_unsaved

    def record_saved(self) -> None:
        self._is_unsaved = False

    def gain_db(self, peer: str) -> float:
        """Return the gain that levelling adds for this talker."""
        leveller = self._levellers.get(peer)
        return leveller.gain_db if leveller is not None else self._choices.of(peer).level_db

    def poll(self, voices: dict[str, Voice], *, is_on: bool) -> None:
        """Advance levelling by what the talkers have said since the last call."""
        voices = dict(voices)  # the sink's thread adds and removes talkers
        for peer, voice in voices.items():
            spoken = voice.take_spoken()
            if is_on:
                self._advance(peer, voice, spoken)
        for peer in self._levellers.keys() - (voices.keys() if is_on else set()):
            del self._levellers[peer]

    def _advance(self, peer: str, voice: Voice, spoken: list[bytes]) -> None:
        leveller = self._levellers.get(peer)
        if leveller is None:
            leveller = self._levellers[peer] = Leveller(self._target_lufs, self._choices.of(peer).level_db)
        leveller.take(spoken)
        if abs(leveller.gain_db - voice.level_db) < _CHANGED_DB:
            return
        voice.set_level(leveller.gain_db)
        voice.refresh()
        if PeerKey.of(peer).is_account:
            self._choices.set_level(peer, leveller.gain_db)
            self._is_unsaved = True
