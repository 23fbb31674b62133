"""The published state of the mix, built from the chain, the settings and the sink that plays. No I/O."""

from __future__ import annotations

from collections.abc import Callable

from common.messages import MixerState, MixerTalker
from workers.audio.mix.voices.reports import WORKS, SuppressionReport
from workers.audio.mixing_desk import MixingDesk
from workers.audio.sinks import Sink, where, where_resting


def mixer_state(  # noqa: PLR0913
    desk: MixingDesk,
    playing: Sink,
    resting: Sink | None = None,
    *,
    clock_ppm: float = 0.0,
    render_ms: float = 0.0,
    processing_ms: Callable[[str], float] = lambda _peer: 0.0,
    suppression: SuppressionReport = WORKS,
) -> MixerState:
    """Return the state of the mix while `playing` plays it. `resting`: the device that rests.

    `processing_ms` returns how much later a talker's sound is because of its processing.
    """
    chain, settings = desk.chain, desk.settings
    wanted = settings.configured.sink
    return MixerState(
        sink=playing.kind,
        wanted_sink=wanted,
        target=resting.target if resting else playing.target,
        where=where_resting(resting.target) if resting else where(playing.kind, wanted, playing.target),
        resting=resting is not None,
        latency_ms=round(playing.latency_ms, 1),
        limited_frames=chain.limiters[0].limited,
        played_frames=chain.played,
        gain_db=settings.gain_db,
        delay_ms=settings.delay_ms,
        levelling=settings.levelling,
        newcomer_gain_db=settings.newcomer_gain_db,
        solo=chain.mixer.solo,
        own_account=desk.choices.kept.own_account,
        spare_ms=round(chain.headroom.lowest_ms, 2),
        clock_ppm=round(clock_ppm, 1),
        render_ms=round(render_ms, 2),
        no_suppression=suppression.why_not,
        suppression_pauses=suppression.pauses,
        suppression_paused_at=suppression.paused_at,
        talkers=tuple(_talker(desk, peer, processing_ms(peer)) for peer in list(chain.queue.talkers)),
    )


def _talker(desk: MixingDesk, peer: str, processing_ms: float) -> MixerTalker:
    chain, choice = desk.chain, desk.choices.of(peer)
    counts, voice = chain.queue.talkers.get(peer), chain.mixer.voices.get(peer)
    queue_ms, age_ms = chain.take_delays(peer)
    return MixerTalker(
        peer=peer,
        gain_db=desk.settings.gain_of(choice),
        muted=choice.muted,
        solo=choice.solo,
        hushed=voice.solo_muted if voice else chain.mixer.solo and not choice.solo,
        level_db=round(voice.level_db, 1) if voice else 0.0,
        processing=choice.processing,
        processing_ms=processing_ms,
        channels=desk.settings.channels_of(peer),
        frames=counts.frames if counts else 0,
        missing=counts.missing if counts else 0,
        dropped=counts.dropped if counts else 0,
        queue_ms=round(queue_ms, 2),
        age_ms=round(age_ms, 2),
    )
