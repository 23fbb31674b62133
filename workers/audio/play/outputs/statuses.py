"""The published state of each output, from what is wanted and what its process reports. No I/O."""

from __future__ import annotations

from common.basic.values import MAIN_OUTPUT
from common.messages import MixerState, OutputPhase, OutputStatus
from workers.audio.play.outputs.choices import OutputPlan
from workers.audio.play.outputs.lines import PlayerOrder, PlayerReport


def order_of(plan: OutputPlan, *, mix_delay_ms: float, latency_ms: float, queue_ms: int, needed: bool) -> PlayerOrder:
    """Return what the process of a further output has to do."""
    return PlayerOrder(
        device=plan.device,
        latency_ms=latency_ms,
        queue_ms=queue_ms,
        gain_db=plan.gain_db,
        delay_ms=delay_ms(plan, mix_delay_ms),
        muted=plan.muted,
        needed=needed,
    )


def delay_ms(plan: OutputPlan, mix_delay_ms: float) -> float:
    """Return the delay of an output in force."""
    return mix_delay_ms if plan.delay_ms is None else plan.delay_ms


def main_status(plan: OutputPlan, mixer: MixerState, device: str, age_ms: float) -> OutputStatus:
    """Return the main output's state. `age_ms`: from the talkers' frame to the sink, 0 while unknown."""
    phase: OutputPhase = "resting" if mixer.resting else "playing" if mixer.sink == mixer.wanted_sink else "waiting"
    return OutputStatus(
        name=MAIN_OUTPUT,
        phase=phase,
        where=mixer.where + _muted(plan),
        device=device,
        target=mixer.target,
        gain_db=plan.gain_db,
        delay_ms=delay_ms(plan, mixer.delay_ms),
        own_delay=plan.delay_ms is not None,
        muted=plan.muted,
        latency_ms=round(age_ms + mixer.latency_ms, 1) if age_ms and phase == "playing" else 0.0,
        clock_ppm=mixer.clock_ppm,
        render_ms=mixer.render_ms,
        missing=max((talker.missing for talker in mixer.talkers), default=0),
        dropped=max((talker.dropped for talker in mixer.talkers), default=0),
    )


def further_status(
    plan: OutputPlan, report: PlayerReport | None, mix_delay_ms: float, *, same_as: str = "", ended: str = ""
) -> OutputStatus:
    """Return a further output's state. `same_as`: the output that has its device. `ended`: how its process ended."""
    report = report if report is not None and report.device == plan.device else None
    phase: OutputPhase = (
        "refused" if same_as else report.phase if report is not None else "waiting" if ended else "starting"
    )
    shown = report or PlayerReport(device=plan.device, phase="starting")
    target = shown.target or plan.device
    plays = phase == "playing"
    words = {
        "starting": f"to the sound device “{target}”, which is being opened",
        "playing": f"to the sound device “{target}”" + _muted(plan),
        "waiting": f"nowhere: {_why(plan, shown, ended)}",
        "resting": f"to the sound device “{target}”, which is resting until a party is joined",
        "refused": f"nowhere: the output “{same_as}” plays on “{target}” already",
    }
    return OutputStatus(
        name=plan.name,
        phase=phase,
        where=words[phase],
        device=plan.device,
        target=shown.target,
        gain_db=plan.gain_db,
        delay_ms=delay_ms(plan, mix_delay_ms),
        own_delay=plan.delay_ms is not None,
        muted=plan.muted,
        latency_ms=round(shown.age_ms + shown.latency_ms, 1) if plays and shown.age_ms else 0.0,
        clock_ppm=shown.clock_ppm if plays else 0.0,
        render_ms=shown.render_ms if plays else 0.0,
        missing=shown.missing,
        dropped=shown.dropped,
    )


def _muted(plan: OutputPlan) -> str:
    return ", muted" if plan.muted else ""


def _why(plan: OutputPlan, report: PlayerReport, ended: str) -> str:
    if ended:
        return f"its process ended ({ended}) and is restarted"
    return f"there is no sound device “{plan.device}” that takes sound" if report.message else "it is being opened"


def problem_of(
    plan: OutputPlan, report: PlayerReport | None, *, same_as: str = "", ended: str = ""
) -> tuple[str, str] | None:
    """Return message and remedy of what keeps a further output from playing, or None."""
    if same_as:
        return (
            f"The output {plan.name!r} is silent, because {same_as!r} plays on the same device.",
            f"Choose another device: `partyline output device {plan.name} DEVICE`, or remove it.",
        )
    if ended:
        return (
            f"The output {plan.name!r} stopped: {ended}. The other outputs continue.",
            "It is restarted automatically. `partyline logs audio` has more.",
        )
    if report is not None and report.device == plan.device and report.message:
        another = f"Plug it in, or choose another device: `partyline output device {plan.name} DEVICE`."
        remedy = another if "[audio] device" in report.remedy else report.remedy
        return f"Output {plan.name!r}: {report.message} The other outputs continue.", remedy
    return None
