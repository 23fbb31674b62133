"""The table of voices in `partyline status`: each member's connection and quality. No I/O, no clock."""

from __future__ import annotations

from cli.shared.bus_state import BusState
from cli.shared.terminal import Cell, Style, Table, counted, ms, percent, platform_name, span
from common.basic.values import LATENCY_FOR
from common.messages import (
    BRIDGE_PEER,
    FRAME_MS,
    Member,
    MixerState,
    MixerTalker,
    PeerKey,
    PeerState,
    PlayoutDelay,
    TalkerProcessing,
)

_CONNECTION = {"connected": "green", "connecting": "yellow", "waiting": "yellow", "lost": "red", "failed": "red"}
_LOSS_BAD = 0.02
_CONCEALED_BAD = 0.05
_NONE = "-"
_VOICES = ["MEMBER", "DEVICE", "VOICE", "CONNECTION", "DELAY", "TARGET", "LOSS", "CONCEALED", "GAPS", "GAIN"]
_OPTIONAL = ["TARGET", "LOSS", "DEVICE", "GAIN"]
"""Columns that a narrow terminal omits."""


def voices(bus_state: BusState, others: dict[str, tuple[str, str]], style: Style, room: int, now: float) -> list[str]:
    """Return a line for each other member with its voice and quality, and what is done with it. `now`: Unix seconds."""
    members = {member.peer: member for member in bus_state.members()}
    keys = sorted(others, key=lambda key: (others[key][0].casefold(), key))
    rows = [_voice(bus_state, key, others[key], members.get(key)) for key in keys]
    tried = [f"  {others[key][0]}: {words}" for key, words in sorted(bus_state.trying().items()) if key in others]
    return [
        *Table(_VOICES, rows, "llllrrrrrr").fitted(room, _OPTIONAL).lines(style),
        *(style(words, "dim") for words in (*tried, *processed(bus_state, others))),
        *(style(f"  {text}", colour) for text, colour in suppression(bus_state, now)),
    ]


def playout_delay(bus_state: BusState) -> Cell | None:
    """Return what the delay of the voices is chosen by, and the one that all have, or None if that is not known."""
    found = bus_state.one(PlayoutDelay)
    if found is None:
        return None
    words = f"{found.latency}, {LATENCY_FOR[found.latency]}"
    if found.latency != "steady":
        return words
    words += f". It is {ms(found.common_ms)}, changed {counted(found.changes, 'time')}"
    if not found.alone:
        return words
    who = ", ".join(f"{bus_state.name(key)} waits for {ms(delay)}" for key, delay in sorted(found.alone.items()))
    return f"{words}. {who} until nobody speaks", "yellow"


def processed(bus_state: BusState, others: dict[str, tuple[str, str]]) -> list[str]:
    """Return a line for each voice that is changed in the mix."""
    found = []
    for key in sorted(others, key=lambda key: (others[key][0].casefold(), key)):
        talker = bus_state.talker(key)
        if talker is not None and talker.processing != TalkerProcessing():
            late = f", heard {ms(talker.processing_ms)} later" if talker.processing_ms else ""
            found.append(f"  {others[key][0]}: {talker.processing.words}{late}")
    return found


def suppression(bus_state: BusState, now: float) -> list[tuple[str, str]]:
    """Return why noise is not suppressed now, or when suppression last paused itself, with a colour."""
    mixer = bus_state.one(MixerState)
    if mixer is None:
        return []
    found = [(mixer.no_suppression, "yellow")] if mixer.no_suppression else []
    if mixer.suppression_pauses:
        times = counted(mixer.suppression_pauses, "time")
        last = span(now - mixer.suppression_paused_at)
        found.append(
            (f"Noise suppression paused itself {times}, last {last} ago: this machine did not keep up.", "dim")
        )
    return found


def _voice(bus_state: BusState, key: str, who: tuple[str, str], member: Member | None) -> list[Cell]:
    name, platform = who
    marks = [word for word, holds in (("host", member and member.is_host), ("you", _is_own(bus_state, key))) if holds]
    marked = f"{name} ({', '.join(marks)})" if marks else name
    row: list[Cell] = [(marked, "bold"), platform_name(platform), _voice_state(bus_state, key, member)]
    return row + _connection(bus_state, key) + _mixed(bus_state, key)


def _is_own(bus_state: BusState, key: str) -> bool:
    mixer = bus_state.one(MixerState)
    return mixer is not None and PeerKey.of(key).account_id == (mixer.own_account or None)


def _voice_state(bus_state: BusState, key: str, member: Member | None) -> Cell:
    if bus_state.is_speaking(key):
        return "speaking", "green"
    if member is None and key != BRIDGE_PEER:
        return "not in the party", "yellow"
    return ("mic off", "dim") if member and member.muted else ("quiet", "dim")


def _connection(bus_state: BusState, key: str) -> list[Cell]:
    peer = bus_state.of(PeerState, key)
    if peer is None:
        return [("none yet", "yellow"), _NONE, _NONE, _NONE, _NONE]
    delay = _delay_ms(bus_state, peer)
    concealed = peer.concealed_frames / peer.frames if peer.frames else 0.0
    return [
        (
            _connection_state(key, peer),
            "yellow" if peer.way == "bridge" and key != BRIDGE_PEER else _CONNECTION[peer.connection],
        ),
        ms(delay) if delay else _NONE,
        ms(peer.target_delay_ms) if peer.target_delay_ms else _NONE,
        (percent(peer.loss_fraction), "yellow" if peer.loss_fraction > _LOSS_BAD else ""),
        (_concealment(peer, concealed), "yellow" if concealed > _CONCEALED_BAD or peer.interruption_count else ""),
    ]


def _connection_state(key: str, peer: PeerState) -> str:
    """Return the state of the connection, and the route of the voice if it is another one."""
    if key == BRIDGE_PEER:
        return (
            f"{peer.connection}, on standby"
            if (peer.connection, peer.way) == ("connected", "none")
            else peer.connection
        )
    return f"{peer.connection}, heard through the bridge" if peer.way == "bridge" else peer.connection


def _concealment(peer: PeerState, share: float) -> str:
    cuts = peer.interruption_count
    return f"{percent(share)}, {counted(cuts, 'cut')}" if cuts else percent(share)


def _delay_ms(bus_state: BusState, peer: PeerState) -> float:
    """Return the delay packet in → ear, measured while there is sound, else the sum of the queues."""
    talker, mixer = bus_state.talker(peer.key()), bus_state.one(MixerState)
    if talker is None or mixer is None or not peer.delay_ms:
        return peer.delay_ms
    return (talker.age_ms or peer.delay_ms + talker.queue_ms) + mixer.latency_ms


def _mixed(bus_state: BusState, key: str) -> list[Cell]:
    talker = bus_state.talker(key)
    if talker is None:
        return [_NONE, _NONE]
    gaps = f"{talker.missing * FRAME_MS} ms" if talker.missing else "0"
    return [(gaps, "yellow" if talker.missing else ""), _gain(talker, own=_is_own(bus_state, key))]


def _gain(talker: MixerTalker, *, own: bool) -> Cell:
    """Return a talker's gain in the mix, or why it is not heard."""
    if talker.muted:
        return "muted", "dim" if own else "yellow"
    if talker.hushed:
        return "muted by solo", "yellow"
    return f"{talker.gain_db:+.0f} dB" if talker.gain_db else "0 dB"
