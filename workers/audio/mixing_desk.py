"""The mixing desk, which applies the choices for each talker and for the mix to the chain. No I/O, no clock.

It runs in the worker's thread. The sink's thread calls only `new_voice`, which just reads.
"""

from __future__ import annotations

from common.basic.values import SinkKind
from common.config import tables
from common.messages import Member, MixerState, MixerTalker, PeerKey
from common.requests import SetMaster
from workers.audio.memory import Choice, Choices
from workers.audio.mix.chain import Chain
from workers.audio.mix.levelling import Leveller
from workers.audio.mix.mixer import Voice, from_db
from workers.audio.sinks import Sink, where

_CHANGED_DB = 0.05


class MixingDesk:
    def __init__(self, settings: tables.Audio, choices: Choices) -> None:
        self._settings = settings
        self.choices = choices
        self.channels = _channels(settings)
        """Channels of the device that carry one talker, counted from 1. They are the chain's rows after the mix."""
        self._names: dict[str, str] = {}
        self._levellers: dict[str, Leveller] = {}
        self.chain = Chain(settings.queue_ms, self.gain_db, self.new_voice, rows=1 + len(self.channels))
        self.chain.delay.set_ms(self.delay_ms)
        self.unsaved = False
        """The levelling gains differ from those on disk."""

    # --- choices -----------------------------------------------------------------------------------

    @property
    def gain_db(self) -> float:
        chosen = self.choices.kept.master.gain_db
        return self._settings.gain_db if chosen is None else chosen

    @property
    def delay_ms(self) -> float:
        chosen = self.choices.kept.master.delay_ms
        return self._settings.delay_ms if chosen is None else chosen

    @property
    def levelling(self) -> bool:
        chosen = self.choices.kept.master.levelling
        return self._settings.levelling if chosen is None else chosen

    @property
    def newcomer_gain_db(self) -> float:
        chosen = self.choices.kept.master.newcomer_gain_db
        return self._settings.newcomer_gain_db if chosen is None else chosen

    def gain_of(self, choice: Choice) -> float:
        return self.newcomer_gain_db if choice.gain_db is None else choice.gain_db

    def channels_of(self, peer: str) -> tuple[int, ...]:
        """Return the channels that this talker is routed to."""
        account = PeerKey.of(peer).account_id
        for name in (account, self._names.get(account, "")):
            wanted = _by_name(self._settings).get(name)
            if wanted:
                return wanted
        return ()

    # --- apply to the chain ------------------------------------------------------------------------

    def new_voice(self, peer: str) -> Voice:
        voice = Voice()
        self._put(peer, voice)
        return voice

    def _put(self, peer: str, voice: Voice) -> None:
        choice = self.choices.of(peer)
        leveller = self._levellers.get(peer)
        come_to = leveller.gain_db if leveller is not None else choice.level_db
        voice.level_db = come_to if self.levelling else 0.0
        voice.rows = tuple(1 + self.channels.index(channel) for channel in self.channels_of(peer))
        voice.set(self.gain_of(choice), muted=choice.muted, solo=choice.solo)

    def refresh(self) -> None:
        """Apply all choices to the chain."""
        mixer = self.chain.mixer
        for peer, voice in list(mixer.voices.items()):
            self._put(peer, voice)
        mixer.resolve_solo()
        mixer.master.wanted = from_db(self.gain_db)
        self.chain.delay.set_ms(self.delay_ms)

    def set_master(self, request: SetMaster) -> None:
        """Change the values that the request names, and apply them."""
        self.choices.set_master(
            gain_db=request.gain_db,
            delay_ms=request.delay_ms,
            levelling=request.levelling,
            newcomer_gain_db=request.newcomer_gain_db,
        )
        self.refresh()

    def know(self, members: tuple[Member, ...]) -> None:
        """Record the members' online ids, because routes may name an online id."""
        self._names.update({m.account_id: m.online_id.casefold() for m in members if m.online_id})
        self.refresh()

    # --- levelling ---------------------------------------------------------------------------------

    def look(self) -> None:
        """Advance levelling. Called ten times a second."""
        voices = dict(self.chain.mixer.voices)
        for peer, voice in voices.items():
            heard = [voice.spoken.popleft() for _ in range(len(voice.spoken))]
            if self.levelling:
                self._level(peer, voice, heard)
        for peer in self._levellers.keys() - (voices.keys() if self.levelling else set()):
            del self._levellers[peer]

    def _level(self, peer: str, voice: Voice, heard: list[bytes]) -> None:
        leveller = self._levellers.get(peer)
        if leveller is None:
            leveller = self._levellers[peer] = Leveller(self._settings.level_lufs, self.choices.of(peer).level_db)
        leveller.take(heard)
        if abs(leveller.gain_db - voice.level_db) < _CHANGED_DB:
            return
        voice.level_db = leveller.gain_db
        voice.refresh()
        if PeerKey.of(peer).is_account:
            self.choices.set_level(peer, leveller.gain_db)
            self.unsaved = True

    # --- state -------------------------------------------------------------------------------------

    def state(self, playing: Sink, wanted_sink: SinkKind) -> MixerState:
        """Return the state of the mix while `playing` plays it."""
        chain = self.chain
        return MixerState(
            sink=playing.kind,
            wanted_sink=wanted_sink,
            target=playing.target,
            where=where(playing.kind, wanted_sink, playing.target),
            latency_ms=round(playing.latency_ms, 1),
            limited_frames=chain.limiters[0].limited,
            played_frames=chain.played,
            gain_db=self.gain_db,
            delay_ms=self.delay_ms,
            levelling=self.levelling,
            newcomer_gain_db=self.newcomer_gain_db,
            solo=chain.mixer.solo,
            spare_ms=round(chain.headroom.lowest_ms, 2),
            talkers=tuple(self._talker(peer) for peer in list(chain.queue.talkers)),
        )

    def _talker(self, peer: str) -> MixerTalker:
        chain, choice = self.chain, self.choices.of(peer)
        counts, voice = chain.queue.talkers.get(peer), chain.mixer.voices.get(peer)
        queue_ms, age_ms = chain.take_delays(peer)
        return MixerTalker(
            peer=peer,
            gain_db=self.gain_of(choice),
            muted=choice.muted,
            solo=choice.solo,
            hushed=voice.hushed if voice else chain.mixer.solo and not choice.solo,
            level_db=round(voice.level_db, 1) if voice else 0.0,
            channels=self.channels_of(peer),
            frames=counts.frames if counts else 0,
            missing=counts.missing if counts else 0,
            dropped=counts.dropped if counts else 0,
            queue_ms=round(queue_ms, 2),
            age_ms=round(age_ms, 2),
        )


def _by_name(settings: tables.Audio) -> dict[str, tuple[int, ...]]:
    """Return the routes by account id or online id (any case), each as a tuple of channels."""
    return {
        name.casefold(): (channels,) if isinstance(channels, int) else channels
        for name, channels in settings.routes.items()
    }


def _channels(settings: tables.Audio) -> tuple[int, ...]:
    return tuple(sorted({channel for wanted in _by_name(settings).values() for channel in wanted}))
