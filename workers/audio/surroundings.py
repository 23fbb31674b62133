"""What the output needs from the worker: sinks, renderers, and the reports of what plays."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import assert_never

from common.run.worker import Worker
from workers.audio.mixing_desk import MixingDesk
from workers.audio.play.device_need import DeviceNeed
from workers.audio.play.elsewhere import SinkFault
from workers.audio.play.main_controls import MainControls
from workers.audio.play.output import Reopen
from workers.audio.play.rate_control import RateControl
from workers.audio.play.renderers import DirectRenderer, ResampledRenderer
from workers.audio.sinks import Render, Sink, SinkError
from workers.audio.sinks.device import DeviceSink
from workers.audio.sinks.file import FileSink
from workers.audio.sinks.null import NullSink
from workers.audio.system import device_list
from workers.audio.system.sound_system import SoundSystem

DEFAULT_FILE = "party.wav"
CHANGED = "audio.device-changed"
NARROW = "audio.routes"
SINKS: tuple[type[Sink], ...] = (DeviceSink, FileSink, NullSink)
SINK_PROBLEMS = (*(sink.problem for sink in SINKS if sink.problem), CHANGED)


class WorkerSurroundings:
    """The worker as its output sees it (`OutputSurroundings`)."""

    def __init__(  # noqa: PLR0913, PLR0917
        self,
        worker: Worker,
        desk: MixingDesk,
        system: SoundSystem,
        need: DeviceNeed,
        controls: MainControls,
        started_ns: int,
        on_change: Callable[[], None],
    ) -> None:
        """`on_change` is called when another sink plays."""
        self._controls = controls
        self._worker = worker
        self._system = system
        self._need = need
        self._desk = desk
        self._started_ns = started_ns
        self._on_change = on_change
        self._rate_controls: dict[str, RateControl] = {}
        """By the sink's target, since each device has its own clock."""
        self._renderer: ResampledRenderer | None = None
        self._shown: tuple[str, str, bool] = ("", "", False)
        self.fault = SinkFault(worker)
        self.opened = asyncio.Event()
        """Set when a sink was opened, or could not be."""

    def clock_ppm(self, sink: Sink) -> float:
        """Return how much faster than this machine's clock the sink's runs."""
        rate_control = self._rate_controls.get(sink.target)
        return rate_control.following_ppm if rate_control is not None else 0.0

    def take_render_ms(self) -> float:
        """Return the longest time of one block since the last reading."""
        return self._renderer.take_slowest_ms() if self._renderer is not None else 0.0

    # --- OutputSurroundings ------------------------------------------------------------------------

    def make_sink(self, *, rescan: bool) -> Sink:
        configured, paths = self._worker.settings.audio, self._worker.paths
        match configured.sink:
            case "device":
                settings = self._desk.settings
                return DeviceSink(
                    *(settings.device, configured.latency_ms, self._system), channels=settings.channels, rescan=rescan
                )
            case "file":
                path = paths.home / Path(configured.file or DEFAULT_FILE).expanduser()
                return FileSink(path, paths.state / "audio-file.json", 0 if rescan else self._started_ns)
            case "null":
                return NullSink()
            case unknown:
                assert_never(unknown)

    def make_render(self, sink: Sink) -> Render:
        self._renderer = None
        if not sink.own_clock:
            return DirectRenderer(self._controls).render
        rate_control = self._rate_controls.setdefault(sink.target, RateControl())
        self._renderer = ResampledRenderer(self._controls, rate_control)
        return self._renderer.render

    def is_needed(self) -> bool:
        configured = self._worker.settings.audio
        match configured.sink:
            case "device":
                return configured.keep_open or self._need.is_needed(time.monotonic())
            case "file" | "null":
                return True
            case unknown:
                assert_never(unknown)

    def signs(self) -> tuple[str, ...]:
        return self._system.snapshot.fingerprint

    async def device_answers(self) -> bool:
        return await device_list.answers(self._desk.settings.device)

    def on_playing(self, sink: Sink) -> None:
        self.fault.clear()
        for code in SINK_PROBLEMS:
            self._worker.clear_problem(code)
        latency_ms = round(sink.latency_ms, 1)
        self._worker.log.info("playing", sink=sink.kind, target=sink.target, latency_ms=latency_ms)
        self._worker.set_health("running")
        self._check_routes(sink)
        self.opened.set()
        self._show(sink)

    def on_problem(self, sink: Sink, error: SinkError) -> None:
        self.fault.set(error)  # on each retry
        self.opened.set()
        self._show(sink)

    def on_reopening(self, sink: Sink, reason: Reopen) -> None:
        self._worker.publish_problem(CHANGED, reason.message, reason.remedy, severity="note", new_occurrence=True)
        self._show(sink)

    def on_resting(self, sink: Sink) -> None:
        self.fault.clear()
        for code in (*SINK_PROBLEMS, NARROW):
            self._worker.clear_problem(code)
        self._worker.log.info("the device rests until a party is joined")
        self._worker.set_health("running", "the sound device is resting until a party is joined")
        self._show(sink, is_resting=True)

    # --- reports -----------------------------------------------------------------------------------

    def _show(self, sink: Sink, *, is_resting: bool = False) -> None:
        shown = (sink.kind, sink.target, is_resting)
        if self._shown != shown:
            self._shown = shown
            self._on_change()

    def _check_routes(self, sink: Sink) -> None:
        if left_out := sink.missing_channels():
            self._worker.publish_problem(
                NARROW,
                f"The sound device {sink.target!r} has no channel {' or '.join(map(str, left_out))}.",
                "Choose a wider device, or other channels in [audio.routes]. Until then, the mix has everybody.",
                severity="warning",
            )
        else:
            self._worker.clear_problem(NARROW)
