"""What is measured, and the sentences that it gives. No I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from common.messages import SAMPLE_RATE

CONVERTER_FRAMES = 64
"""What sounddevice's low latency of a CoreAudio device has beside its fixed part (pa_mac_core.c)."""
SPARE_MS = 10.0
"""Room for a host buffer beyond the fixed latency: one frame of ours."""
FEWEST_FRAMES = 240
"""A host buffer under 5 ms has Python called more than 200 times a second, which crackled with a fake device."""
LATE_MS = 5.0
"""Lateness of a 10 ms tick from which half of the frame is used up."""
SLEPT_S = 1.0


class Stream(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A silent stream on one device."""

    device: str
    low_latency_ms: float = 0.0
    asked_ms: float
    frames: int = 0
    """Median of a callback's frames: the host buffer."""
    callbacks_per_s: float = 0.0
    latency_ms: float = 0.0
    """What PortAudio says that it became."""
    fault: str = ""


def latencies(ask_ms: float, low_ms: float) -> tuple[float, ...]:
    """Return the latencies to try on a device: the setting, and one that leaves room beyond the fixed latency."""
    roomy = round(max(ask_ms, low_ms - CONVERTER_FRAMES / SAMPLE_RATE * 1000 + SPARE_MS), 2)
    return (ask_ms,) if roomy == ask_ms else (ask_ms, roomy)


class Ticks(msgspec.Struct, frozen=True, kw_only=True):
    """How late a thread wakes that wants to each 10 ms."""

    p50_ms: float
    p99_ms: float
    worst_ms: float


class FirstMacRun(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One run of `--first-mac`. Several of them tell, e.g., Terminal from ssh."""

    at: float
    system: str
    started_from: tuple[str, ...] = ()
    """The programs above this process, the nearest first."""
    over_ssh: bool = False
    streams: tuple[Stream, ...] = ()
    holders_before: Mapping[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    """Assertion → who keeps the Mac awake, without a stream of ours."""
    holders_in_silence: Mapping[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    """The same while a silent stream is open."""
    ticks: Ticks | None = None
    media_tick_late_ms: str = ""
    """What the running media worker says (`tick_late_p99_ms`)."""
    keychain: Mapping[str, object] = msgspec.field(default_factory=dict)
    lan: Mapping[str, object] = msgspec.field(default_factory=dict)
    slept_s: float = 0.0
    """How far CLOCK_MONOTONIC is ahead of `time.monotonic`, which should be the time asleep since the boot."""
    host_names: Mapping[str, str] = msgspec.field(default_factory=dict)
    core_audio: tuple[str, ...] = ()
    """What our reading of CoreAudio's properties says: devices, default output."""
    audio_facts: Mapping[str, str] = msgspec.field(default_factory=dict)
    """What the running audio worker says of itself."""
    faults: Mapping[str, str] = msgspec.field(default_factory=dict)
    """Measurement → why it failed."""


def answers(run: FirstMacRun) -> list[tuple[str, str]]:
    """Return (question, answer) for each that this run can answer."""
    return [
        ("Host buffer", _buffers(run.streams)),
        ("Kept awake by silence", _awake(run)),
        ("Tick lateness", _ticks(run)),
        ("Keychain", _keychain(run.keychain)),
        ("Local network", _lan(run)),
        ("Clocks in sleep", _clocks(run.slept_s)),
        ("Name in the local network", _names(run.host_names)),
        ("CoreAudio", ", ".join(run.core_audio) or "nothing was read"),
        *((name, f"could not be measured: {why}") for name, why in run.faults.items()),
    ]


def _buffers(streams: Sequence[Stream]) -> str:
    if not streams:
        return "there is no output device"
    opened = [one for one in streams if not one.fault]
    small = sorted({f"{one.device} ({one.frames} frames at {one.asked_ms:g} ms)" for one in opened if _is_small(one)})
    failed = sorted({one.device for one in streams if one.fault})
    said = f"too small on {', '.join(small)}" if small else f"at least {FEWEST_FRAMES} frames everywhere"
    return said + (f"; not opened: {', '.join(failed)}" if failed else "")


def _is_small(stream: Stream) -> bool:
    return stream.frames < FEWEST_FRAMES


def _awake(run: FirstMacRun) -> str:
    more = {name for names in run.holders_in_silence.values() for name in names}
    more -= {name for names in run.holders_before.values() for name in names}
    if more:
        return f"a silent stream keeps the machine awake ({', '.join(sorted(more))})"
    return "a silent stream keeps nothing awake" if run.streams else "not measured without a device"


def _ticks(run: FirstMacRun) -> str:
    if run.ticks is None:
        return "not measured"
    late = "late" if run.ticks.p99_ms > LATE_MS else "in time"
    media = f"; media says {run.media_tick_late_ms} ms" if run.media_tick_late_ms else ""
    ticks = run.ticks
    return f"{late}: {ticks.p50_ms:g} ms usually, {ticks.p99_ms:g} ms at p99, {ticks.worst_ms:g} ms once{media}"


def _keychain(found: Mapping[str, object]) -> str:
    if found.get("stored"):
        return f"a value came back in {found.get('took_ms')} ms ({found.get('backend')})"
    return f"nothing was stored ({found.get('backend') or found.get('fault') or 'no answer'})"


def _lan(run: FirstMacRun) -> str:
    if not run.lan:
        return "not measured"
    tried = run.lan.get("tried")
    found = (
        [str(one["fault"] or "went out") for one in tried if isinstance(one, dict)] if isinstance(tried, list) else []
    )
    place = "over ssh" if run.over_ssh else "from " + (" < ".join(run.started_from[:4]) or "nowhere")
    return f"{', '.join(found) or 'no neighbour'} {place}"


def _clocks(slept_s: float) -> str:
    if slept_s < SLEPT_S:
        return "no sleep since the boot was seen: close the lid for a minute, and run this again"
    return f"time.monotonic stood still for {slept_s:.0f} s, CLOCK_MONOTONIC did not"


def _names(names: Mapping[str, str]) -> str:
    bonjour = names.get("bonjour", "")
    if not bonjour:
        return names.get("gethostname", "")
    same = names.get("gethostname", "").removesuffix(".local") == bonjour
    return f"{bonjour}.local" + ("" if same else f", while gethostname says {names.get('gethostname')}")
