"""What holds for every message and answer, whether a real worker, a stand-in or a builder of tests/support makes it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from common.errors import PartylineError
from common.messages import (
    AuthState,
    Devices,
    MixerState,
    PartyState,
    PeerKey,
    PeerSignal,
    PeerState,
    PlayoutDelay,
    Problem,
    PushState,
    Recording,
    Speaking,
    WorkerHealth,
)
from common.requests import Done, Parties, SignInInfo, Token
from workers.audio import sinks

_SENTENCES = re.compile(r"[^a-z\s].*[.!?)”]", re.DOTALL)
_CODE = re.compile(r"[a-z]+([.-][a-z0-9]+)*\.[a-z0-9-]+")


def sentences(text: str) -> None:
    """Hold a text to what users read: it begins like a sentence and ends like one."""
    assert _SENTENCES.fullmatch(text), f"not a sentence: {text!r}"


def refusal(error: PartylineError) -> None:
    sentences(error.message)
    sentences(error.remedy)
    assert _CODE.fullmatch(error.code), error.code


def _auth(state: AuthState) -> None:
    assert bool(state.account_id) == (state.state != "signed_out"), state
    assert bool(state.refresh_expires_at and state.access_expires_at) == (state.state != "signed_out"), state
    assert ("partyline login" in state.detail) == (state.state in ("signed_out", "expired")), state


def _party(state: PartyState) -> None:
    if state.phase == "joined":
        assert [member.peer for member in state.members if member.is_me] in ([state.me], []), state
        assert state.session_id, state
        assert state.joined_at, state
        assert state.joined_s, state
    if state.phase == "none":
        assert (state.session_id, state.members, state.joined_at) == ("", (), 0.0), state
    assert len({member.peer for member in state.members}) == len(state.members), state
    assert all(PeerKey.of(member.peer).is_account for member in state.members), state


def _peer(state: PeerState) -> None:
    assert 0 <= state.concealed_frames <= state.frames, state
    assert 0 <= state.loss_fraction <= 1, state
    assert state.codec or not state.frames, state
    assert state.way != "own" or state.connection not in ("lost", "failed"), state


def _playout(delay: PlayoutDelay) -> None:
    assert (delay.common_ms > 0) is (delay.latency == "steady"), delay
    assert all(own_ms > delay.common_ms for own_ms in delay.alone.values()), delay
    assert len(delay.alone) <= delay.exceeded, delay


def _signal(signal: PeerSignal) -> None:
    assert "m=audio" in signal.sdp, signal
    assert "a=setup:" in signal.sdp, signal
    assert signal.sequence >= 1, signal


def _mixer(state: MixerState) -> None:
    assert state.where == sinks.where(state.sink, state.wanted_sink, state.target), state
    assert state.sink in (state.wanted_sink, "null"), state
    assert state.solo == any(talker.solo for talker in state.talkers), state
    assert all(state.solo and not talker.solo for talker in state.talkers if talker.hushed), state


def _devices(devices: Devices) -> None:
    names = [device.name for device in devices.devices]
    assert devices.current in ("", *names), devices
    assert sum(device.is_default for device in devices.devices) <= 1, devices


def _push(state: PushState) -> None:
    assert bool(state.epoch and state.host and state.protocol and state.since) or not state.connected, state


def _speaking(message: Speaking) -> None:
    assert message.at, message
    assert message.online_id, message


def _recording(state: Recording) -> None:
    assert bool(state.folder and state.started_at) or state.state == "idle", state


def _problem(problem: Problem) -> None:
    sentences(problem.message)
    sentences(problem.remedy)
    assert _CODE.fullmatch(problem.code), problem
    assert problem.at, problem


def _health(beat: WorkerHealth) -> None:
    assert beat.detail or beat.state != "degraded", beat
    assert min(beat.pid, beat.started_at, beat.beat_s, beat.rss_bytes) > 0, beat
    assert beat.boot, beat
    assert beat.up_s >= 0, beat


def _parties(found: Parties) -> None:
    for one in found.parties:
        assert one.session_id, one
        assert one.owner or one.standing == "invited", one
        assert len(one.members) <= one.max_members, one


def _done(done: Done) -> None:
    assert not done.message or re.fullmatch(r"\S.*\S", done.message), done


def _info(info: SignInInfo) -> None:
    _auth(info.auth)
    assert bool(info.store) == (info.auth.state != "signed_out"), info
    assert bool(info.file) == (info.store == "file"), info


def _token(token: Token) -> None:
    assert token.access_token
    assert token.account_id.isdecimal()
    assert token.expires_at > 0


RULES: dict[type[Any], Callable[[Any], None]] = {
    AuthState: _auth, Devices: _devices, Done: _done, MixerState: _mixer, Parties: _parties, PartyState: _party,
    PeerSignal: _signal, PeerState: _peer, PlayoutDelay: _playout, Problem: _problem, PushState: _push,
    Recording: _recording, SignInInfo: _info, Speaking: _speaking, Token: _token, WorkerHealth: _health,
}  # fmt: skip


def check(message: Any) -> None:
    """Fail if a message or answer is one that no real worker makes."""
    RULES.get(type(message), lambda _: None)(message)
