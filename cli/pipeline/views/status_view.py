"""The lines of `partyline status`, from state and time. No I/O, no clock."""

from __future__ import annotations

from collections.abc import Sequence

from cli.pipeline.views.voices_view import playout_delay, voices
from cli.shared.bus_state import BusState
from cli.shared.supervisor import DOWN, Process
from cli.shared.terminal import Cell, Style, Table, counted, megabytes, ms, percent, printable, span
from common.bus.retained import standing
from common.messages import (
    STALE_S,
    AuthState,
    ClipState,
    FarSound,
    Following,
    MixerState,
    ObsState,
    PartyState,
    Problem,
    PushState,
    Recording,
    WorkerHealth,
)
from common.run.programs import WITHOUT_HEARTBEAT

_HEALTH = {"running": "green", "degraded": "yellow", "starting": "yellow", "stopping": "yellow"}
_STATES = {
    "RUNNING": ("running", "green"),
    "FATAL": ("given up", "red"),
    "BACKOFF": ("failing", "red"),
    "EXITED": ("ended", "red"),
    "STOPPED": ("stopped", "yellow"),
}
_SEVERITY = {"error": "red", "warning": "yellow", "note": "cyan"}
_NONE = "-"
STALLS_MS = 200
"""A network that holds voices back for longer is heard as an interruption, since the mix waits no longer."""


def lines(  # noqa: PLR0913, PLR0917  # two clocks, and where it is shown
    bus_state: BusState, now: float, clock: float, style: Style, room: int = 120, processes: Sequence[Process] = ()
) -> list[str]:
    """Return the whole view for a terminal of `room` columns. `now`: Unix seconds. `clock`: seconds of `boot_s`."""
    out = [
        _fact("Sign-in", sign_in(bus_state, now), style),
        _fact("Push", push(bus_state, now), style),
        _fact("Party", party(bus_state, clock), style),
        *([_fact("Follow", follow(bus_state, now), style)] if follows(bus_state) else []),
        _fact("Sound", sound(bus_state), style),
        *(_fact("", words, style) for words in further_outputs(bus_state)),
        *([_fact("", words, style)] if (words := far_sound(bus_state)) else []),
        *([_fact("Delay", words, style)] if (words := playout_delay(bus_state)) else []),
        *([_fact("Record", recording(found), style)] if (found := recorded(bus_state)) else []),
        *([_fact("OBS", in_obs(state), style)] if (state := bus_state.one(ObsState)) and state.setup else []),
        *([_fact("Clip", words, style)] if (words := clip_memory(bus_state)) else []),
        *([_fact("Sleep", words, style)] if (words := idle_sleep(bus_state)) else []),
    ]
    if others := bus_state.people():
        out += ["", style("Voices", "bold"), *voices(bus_state, others, style, room, now)]
    out += ["", style("Workers", "bold"), *workers(bus_state, now, clock, style, processes)]
    return [*out, "", *problems(bus_state, now, style)]


def _fact(title: str, value: Cell, style: Style) -> str:
    text, colour = (value, "") if isinstance(value, str) else value
    return f"{style(f'{title:<9}', 'bold')}{style(text, colour)}"


def sign_in(bus_state: BusState, now: float) -> Cell:
    auth = bus_state.one(AuthState)
    if auth is None:
        return "unknown (no message from auth yet)", "yellow"
    where = "simulator" if auth.realm == "simulator" else "PlayStation Network"
    if auth.state == "unknown":
        return f"unknown ({where}). {printable(auth.detail)}", "yellow"
    if auth.state in ("signed_out", "expired"):
        state = "not signed in" if auth.state == "signed_out" else "the sign-in has expired"
        remedy = "" if auth.realm == "simulator" else ": `partyline login`"
        return f"{state} ({where}){remedy}", "yellow"
    who = f"{printable(auth.online_id or auth.account_id)} ({where})"
    left = f", {span(auth.refresh_expires_at - now)} left" if auth.refresh_expires_at else ""
    origin = f", signed in from {printable(auth.signed_in_from)}" if auth.signed_in_from else ""
    return who + left + origin


def push(bus_state: BusState, now: float) -> Cell:
    state = bus_state.one(PushState)
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


def party(bus_state: BusState, clock: float) -> Cell:
    state = bus_state.one(PartyState)
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


def follows(bus_state: BusState) -> bool:
    following = bus_state.one(Following)
    return following is not None and following.state != "off"


def follow(bus_state: BusState, now: float) -> Cell:
    """Return the followed player and the state of following."""
    following = bus_state.one(Following)
    if following is None:
        return ""
    who = printable(following.online_id)
    if following.state == "with":
        return f"{who}, in the same party"
    wait = following.next_look_at - now
    again = f", next look in {span(wait)}" if wait > 0 else ""
    return f"{who}: {printable(following.detail).rstrip('.') or 'looking for the party'}{again}", "yellow"


def sound(bus_state: BusState) -> Cell:
    mixer = bus_state.one(MixerState)
    if mixer is None:
        return "unknown (no message from audio yet)", "yellow"
    latency = f", latency {ms(mixer.latency_ms)}" if mixer.latency_ms else ""
    where = printable(mixer.where)
    return where + latency if mixer.resting or mixer.sink == mixer.wanted_sink else (where, "yellow")


def further_outputs(bus_state: BusState) -> list[Cell]:
    """Return where each output besides the main one plays."""
    mixer = bus_state.one(MixerState)
    found: list[Cell] = []
    for one in mixer.outputs[1:] if mixer is not None else ():
        latency = f", latency {ms(one.latency_ms)}" if one.latency_ms else ""
        words = f"{printable(one.name)}: {printable(one.where)}{latency}"
        found.append(words if one.phase in ("playing", "resting", "starting") else (words, "yellow"))
    return found


def far_sound(bus_state: BusState) -> Cell | None:
    """Return how the voices of another machine come, None if they are of this one."""
    found = bus_state.one(FarSound)
    if found is None:
        return None
    words = f"voices from another machine: {ms(found.delay_ms)} on the way, up to {ms(found.jitter_ms)} more"
    waits = f", so the mix waits {ms(found.queue_ms)} longer" if found.queue_ms else ""
    missing = f", {found.missing} frames missing so far" if found.missing else ""
    return (words + waits + missing, "yellow") if found.jitter_ms > STALLS_MS else words + waits + missing


def idle_sleep(bus_state: BusState) -> Cell | None:
    """Return whether the machine is kept from idle sleep, or None where no worker does that or needs to."""
    said = {name: health.facts.get("awake", "") for name, health in sorted(bus_state.all(WorkerHealth).items())}
    if faults := [words for words in said.values() if words.startswith("not held: ")]:
        return f"may come while nobody uses this machine ({printable(faults[0].removeprefix('not held: '))})", "yellow"
    holders = [name for name, words in said.items() if words.startswith("held")]
    return f"kept off by {' and '.join(holders)}" if holders else None


def recorded(bus_state: BusState) -> Recording | None:
    """Return the running recording, or one that ended by itself."""
    found = bus_state.one(Recording)
    return found if found is not None and found.state != "idle" else None


def clip_memory(bus_state: BusState) -> Cell | None:
    """Return how much of the last minutes is kept, or None if nothing is."""
    found = bus_state.one(ClipState)
    if found is None or not found.seconds:
        return None
    waiting = f", {counted(found.waiting, 'clip')} not saved yet" if found.waiting else ""
    kept = f"the last {found.seconds} s are kept in memory ({megabytes(found.memory_bytes)}){waiting}"
    return (kept, "yellow") if found.waiting else kept


def recording(found: Recording) -> Cell:
    where = printable(found.folder)
    if found.state == "stopped":
        return f"stopped after {span(found.seconds)}{_detail(found.detail)}, in {where}", "yellow"
    marks = f", {counted(found.marks, 'mark')}" if found.marks else ""
    talkers = counted(len(found.talkers), "talker")
    return f"{talkers} for {span(found.seconds)}{marks}, {megabytes(found.size_bytes)}, into {where}", "red"


def in_obs(state: ObsState) -> Cell:
    if not state.connected:
        return printable(f"{state.problem} {state.remedy}".strip()) or "not connected yet", "yellow"
    here = [one for one in state.sources if one.present]
    remarks = sum(len(one.remarks) for one in here) + len(state.remarks)
    more = f", {counted(remarks, 'remark')} (`partyline obs status`)" if remarks else ""
    return f"OBS {printable(state.version)}, {counted(len(here), 'source')}{more}", "yellow" if remarks else "green"


def workers(
    bus_state: BusState, now: float, clock: float, style: Style, processes: Sequence[Process] = ()
) -> list[str]:
    """Return a line for each worker and each other process of supervisord."""
    healths = bus_state.all(WorkerHealth)
    rows = {name: _worker(worker, clock) for name, worker in healths.items()}
    for process in processes:
        down = process.state in DOWN and not process.finished
        if process.name not in rows or down or _is_done(process, healths[process.name], clock):
            rows[process.name] = _process(process, now)
    return Table(
        ["WORKER", "STATE", "UP FOR", "MEMORY", "CPU", ""], [rows[name] for name in sorted(rows)], "llrrrl"
    ).lines(style)


def _is_done(process: Process, health: WorkerHealth, clock: float) -> bool:
    """Return whether that worker is not needed any more. One that runs on another machine is told by its heartbeat."""
    return process.finished and process.exit_status == 0 and standing(health, clock) in {"stopped", "silent"}


def _worker(worker: WorkerHealth, clock: float) -> list[Cell]:
    age = clock - worker.beat_s
    stands = standing(worker, clock)
    if stands == "stopped":
        return [worker.worker, ("stopped", "dim"), _NONE, _NONE, _NONE, (f"{span(age)} ago", "dim")]
    silent = stands == "silent"
    uptime = worker.up_s + age
    share = worker.cpu_seconds / worker.up_s if worker.up_s > 0 else 0.0
    state: Cell = ("no answer", "red") if silent else (worker.state, _HEALTH[worker.state])
    said = ", ".join(filter(None, (worker.detail, worker.facts.get("way", ""))))
    detail = f"no heartbeat for {span(age)}" if silent else printable(said)
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


def problems(bus_state: BusState, now: float, style: Style) -> list[str]:
    """Return the open problems with their remedies, newest first."""
    found = sorted(bus_state.all(Problem).values(), key=lambda problem: -problem.at)
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
