"""The lines of `partyline status`, from state and time. No I/O, no clock."""

from __future__ import annotations

from collections.abc import Sequence

from cli.shared.output import Cell, Style, Table, counted, megabytes, ms, percent, platform_name, printable, span
from cli.shared.picture import Picture
from cli.shared.supervisor import DOWN, Process
from common.messages import (
    BRIDGE_PEER,
    FRAME_MS,
    STALE_S,
    AuthState,
    Following,
    Member,
    MixerState,
    MixerTalker,
    PartyState,
    PeerState,
    Problem,
    PushState,
    Recording,
    WorkerHealth,
)
from common.retained import standing

_CONNECTION = {"connected": "green", "connecting": "yellow", "waiting": "yellow", "lost": "red", "failed": "red"}
_HEALTH = {"running": "green", "degraded": "yellow", "starting": "yellow", "stopping": "yellow"}
_STATES = {
    "RUNNING": ("running", "green"),
    "FATAL": ("given up", "red"),
    "BACKOFF": ("failing", "red"),
    "EXITED": ("ended", "red"),
    "STOPPED": ("stopped", "yellow"),
}
_SEVERITY = {"error": "red", "warning": "yellow", "note": "cyan"}
WITHOUT_HEARTBEAT = frozenset({"simulator"})
_LOSS_BAD = 0.02
_CONCEALED_BAD = 0.05
_NONE = "-"


def lines(  # noqa: PLR0913, PLR0917  # two clocks, and where it is shown
    picture: Picture, now: float, clock: float, style: Style, room: int = 120, processes: Sequence[Process] = ()
) -> list[str]:
    """Return the whole view for a terminal of `room` columns. `now`: Unix seconds. `clock`: seconds of `boot_s`."""
    out = [
        _fact("Sign-in", sign_in(picture, now), style),
        _fact("Push", push(picture, now), style),
        _fact("Party", party(picture, clock), style),
        *([_fact("Follow", follow(picture, now), style)] if follows(picture) else []),
        _fact("Sound", sound(picture), style),
        *([_fact("Record", recording(found), style)] if (found := recorded(picture)) else []),
    ]
    if others := picture.people():
        out += ["", style("Voices", "bold"), *voices(picture, others, style, room)]
    out += ["", style("Workers", "bold"), *workers(picture, now, clock, style, processes)]
    return [*out, "", *problems(picture, now, style)]


def _fact(title: str, said: Cell, style: Style) -> str:
    text, colour = (said, "") if isinstance(said, str) else said
    return f"{style(f'{title:<9}', 'bold')}{style(text, colour)}"


def sign_in(picture: Picture, now: float) -> Cell:
    auth = picture.one(AuthState)
    if auth is None:
        return "unknown (no message from auth yet)", "yellow"
    where = "simulator" if auth.realm == "simulator" else "PlayStation Network"
    if auth.state in ("signed_out", "expired"):
        state = "not signed in" if auth.state == "signed_out" else "the sign-in has expired"
        remedy = "" if auth.realm == "simulator" else ": `partyline login`"
        return f"{state} ({where}){remedy}", "yellow"
    who = f"{printable(auth.online_id or auth.account_id)} ({where})"
    left = f", {span(auth.refresh_expires_at - now)} left" if auth.refresh_expires_at else ""
    return who + left


def push(picture: Picture, now: float) -> Cell:
    state = picture.one(PushState)
    if state is None:
        return "unknown (no message from signaling yet)", "yellow"
    since = f" for {span(now - state.since)}" if state.since else ""
    if not state.connected:
        again = f", next attempt in {span(state.next_try_at - now)}" if state.next_try_at > now else ""
        gone = ", the party may have dropped us" if state.counts_as_gone else ""
        return f"not connected{since}{_detail(state.detail.rstrip('.'))}{again}{gone}", "yellow"
    protocol = f", protocol {printable(state.protocol)}" if state.protocol else ""
    kind = {3: ", voice chat", 6: ", idle"}.get(state.keep_alive_type, "")
    return f"connected{since}{protocol}{kind}"


def party(picture: Picture, clock: float) -> Cell:
    state = picture.one(PartyState)
    if state is None:
        return "unknown (no message from session yet)", "yellow"
    earlier = (
        f", {counted(state.unconfirmed, 'earlier leave')} not confirmed yet (repeated)" if state.unconfirmed else ""
    )
    if state.phase == "none":
        return f"none{_detail(state.reason)}{earlier}. Join one with `partyline join`.", "yellow"
    if state.phase != "joined":
        return f"{state.phase} …", "yellow"
    name = f"“{printable(state.name)}”" if state.name else state.session_id
    since = f", joined {span(clock - state.joined_s)} ago" if state.joined_s else ""
    if not state.members_known:
        return f"{name}{since}, members cannot be read yet{earlier}", "yellow"
    return f"{name}, {counted(len(state.members), 'member')} including you{since}{earlier}"


def follows(picture: Picture) -> bool:
    following = picture.one(Following)
    return following is not None and following.state != "off"


def follow(picture: Picture, now: float) -> Cell:
    """Return the followed player and the state of following."""
    following = picture.one(Following)
    if following is None:
        return ""
    who = printable(following.online_id)
    if following.state == "with":
        return f"{who}, in the same party"
    wait = following.next_look_at - now
    again = f", next look in {span(wait)}" if wait > 0 else ""
    return f"{who}: {printable(following.detail).rstrip('.') or 'looking for the party'}{again}", "yellow"


def sound(picture: Picture) -> Cell:
    mixer = picture.one(MixerState)
    if mixer is None:
        return "unknown (no message from audio yet)", "yellow"
    latency = f", latency {ms(mixer.latency_ms)}" if mixer.latency_ms else ""
    where = printable(mixer.where)
    return where + latency if mixer.sink == mixer.wanted_sink else (where, "yellow")


def recorded(picture: Picture) -> Recording | None:
    """Return the running recording, or one that ended by itself."""
    found = picture.one(Recording)
    return found if found is not None and found.state != "idle" else None


def recording(found: Recording) -> Cell:
    where = printable(found.folder)
    if found.state == "stopped":
        return f"stopped after {span(found.seconds)}{_detail(found.detail)}, in {where}", "yellow"
    marks = f", {counted(found.marks, 'mark')}" if found.marks else ""
    talkers = counted(len(found.talkers), "talker")
    return f"{talkers} for {span(found.seconds)}{marks}, {megabytes(found.size_bytes)}, into {where}", "red"


# --- tables -----------------------------------------------------------------------------------------

_VOICES = ["MEMBER", "DEVICE", "VOICE", "CONNECTION", "DELAY", "TARGET", "LOSS", "CONCEALED", "GAPS", "GAIN"]
_OPTIONAL = ["TARGET", "LOSS", "DEVICE", "GAIN"]
"""Columns that a narrow terminal omits."""


def voices(picture: Picture, others: dict[str, tuple[str, str]], style: Style, room: int) -> list[str]:
    """Return a line for each other member with its voice and quality."""
    members = {member.peer: member for member in picture.members()}
    keys = sorted(others, key=lambda key: (others[key][0].casefold(), key))
    rows = [_voice(picture, key, others[key], members.get(key)) for key in keys]
    tried = [f"  {others[key][0]}: {words}" for key, words in sorted(picture.trying().items()) if key in others]
    return [*Table(_VOICES, rows, "llllrrrrrr").fitted(room, _OPTIONAL).lines(style), *(style(t, "dim") for t in tried)]


def _voice(picture: Picture, key: str, who: tuple[str, str], member: Member | None) -> list[Cell]:
    name, platform = who
    host = " (host)" if member and member.is_host else ""
    row: list[Cell] = [(name + host, "bold"), platform_name(platform), _voice_state(picture, key, member)]
    return row + _connection(picture, key) + _mixed(picture, key)


def _voice_state(picture: Picture, key: str, member: Member | None) -> Cell:
    if picture.is_speaking(key):
        return "speaking", "green"
    if member is None and key != BRIDGE_PEER:
        return "not in the party", "yellow"
    return ("mic off", "dim") if member and member.muted else ("quiet", "dim")


def _connection(picture: Picture, key: str) -> list[Cell]:
    peer = picture.of(PeerState, key)
    if peer is None:
        return [("none yet", "yellow"), _NONE, _NONE, _NONE, _NONE]
    delay = _delay_ms(picture, peer)
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


def _delay_ms(picture: Picture, peer: PeerState) -> float:
    """Return the delay packet in → ear, measured while there is sound, else the sum of the queues."""
    talker, mixer = picture.talker(peer.key()), picture.one(MixerState)
    if talker is None or mixer is None or not peer.delay_ms:
        return peer.delay_ms
    return (talker.age_ms or peer.delay_ms + talker.queue_ms) + mixer.latency_ms


def _mixed(picture: Picture, key: str) -> list[Cell]:
    talker = picture.talker(key)
    if talker is None:
        return [_NONE, _NONE]
    gaps = f"{talker.missing * FRAME_MS} ms" if talker.missing else "0"
    return [(gaps, "yellow" if talker.missing else ""), _gain(talker)]


def _gain(talker: MixerTalker) -> Cell:
    """Return a talker's gain in the mix, or why it is not heard."""
    if talker.muted:
        return "muted", "yellow"
    if talker.hushed:
        return "silenced by solo", "yellow"
    return f"{talker.gain_db:+.0f} dB" if talker.gain_db else "0 dB"


def workers(picture: Picture, now: float, clock: float, style: Style, processes: Sequence[Process] = ()) -> list[str]:
    """Return a line for each worker and each other process of supervisord."""
    rows = {name: _worker(worker, clock) for name, worker in picture.all(WorkerHealth).items()}
    for process in processes:
        if process.name not in rows or (process.state in DOWN and not process.finished):
            rows[process.name] = _process(process, now)
    return Table(
        ["WORKER", "STATE", "UP FOR", "MEMORY", "CPU", ""], [rows[name] for name in sorted(rows)], "llrrrl"
    ).lines(style)


def _worker(worker: WorkerHealth, clock: float) -> list[Cell]:
    age = clock - worker.beat_s
    stands = standing(worker, clock)
    if stands == "stopped":
        return [worker.worker, ("stopped", "dim"), _NONE, _NONE, _NONE, (f"{span(age)} ago", "dim")]
    silent = stands == "silent"
    uptime = worker.up_s + age
    share = worker.cpu_seconds / worker.up_s if worker.up_s > 0 else 0.0
    state: Cell = ("no answer", "red") if silent else (worker.state, _HEALTH[worker.state])
    detail = f"no heartbeat for {span(age)}" if silent else printable(worker.detail)
    return [worker.worker, state, span(uptime), megabytes(worker.rss_bytes), percent(share), (detail, "dim")]


def _process(process: Process, now: float) -> list[Cell]:
    """Return supervisord's state of a process without a heartbeat."""
    if process.finished:
        return [process.name, ("not needed", "dim"), _NONE, _NONE, _NONE, ""]
    state, colour = _STATES.get(process.state, (process.state.lower(), "yellow"))
    uptime = span(now - process.started_at) if process.state == "RUNNING" else _NONE
    detail = f"see {process.log}" if process.state in DOWN | {"BACKOFF"} else ""
    if (
        process.state == "RUNNING"
        and process.name not in WITHOUT_HEARTBEAT
        and not 0 <= now - process.started_at <= STALE_S
    ):
        state, colour, detail = "no answer", "red", f"no heartbeat, see {process.log}"
    return [process.name, (state, colour), uptime, _NONE, _NONE, (detail, "dim")]


def problems(picture: Picture, now: float, style: Style) -> list[str]:
    """Return the open problems with their remedies, newest first."""
    found = sorted(picture.all(Problem).values(), key=lambda problem: -problem.at)
    if not found:
        return [style("No open problems.", "green")]
    out = [style(counted(len(found), "open problem"), "bold")]
    for problem in found:
        times = f" ({problem.count} times, last {span(now - problem.at)} ago)" if problem.count > 1 else ""
        reference = f" Sony's reference: {printable(problem.reference_id)}." if problem.reference_id else ""
        out.append(
            f"  {style(printable(problem.message), _SEVERITY[problem.severity])}{reference}{style(times, 'dim')}"
        )
        out.append(f"    → {printable(problem.remedy)}")
    return out


def _detail(text: str) -> str:
    return f": {printable(text).rstrip('.')}" if text else ""
