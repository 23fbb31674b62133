"""What the output of a player needs from it (`OutputSurroundings`)."""

from __future__ import annotations

from collections.abc import Callable

from workers.audio.mix.chain import Chain
from workers.audio.play.output import Reopen
from workers.audio.play.outputs.lines import PlayerOrder
from workers.audio.play.outputs.player.fresh_start import FreshStart
from workers.audio.play.rate_control import RateControl
from workers.audio.play.renderers import DirectRenderer, ResampledRenderer
from workers.audio.sinks import Render, Sink, SinkError
from workers.audio.sinks.device import DeviceSink
from workers.audio.system import device_list
from workers.audio.system.sound_system import SoundSystem


class PlayerSurroundings:
    def __init__(self, order: PlayerOrder, chain: Chain, system: SoundSystem, on_change: Callable[[], None]) -> None:
        """`on_change` is called when another sink plays, or cannot."""
        self._order = order
        self._chain = chain
        self._system = system
        self._on_change = on_change
        self._rate_controls: dict[str, RateControl] = {}
        """By the device's name, since each has its own clock."""
        self._target = ""
        self._renderer: ResampledRenderer | None = None
        self.message = ""
        self.remedy = ""

    def follow(self, order: PlayerOrder) -> None:
        self._order = order

    @property
    def clock_ppm(self) -> float:
        """How much slower than this machine's clock the device's runs, in parts per million."""
        control = self._rate_controls.get(self._target)
        return control.following_ppm if control is not None else 0.0

    def take_render_ms(self) -> float:
        """Return the longest time of one block since the last reading."""
        return self._renderer.take_slowest_ms() if self._renderer is not None else 0.0

    # --- OutputSurroundings ------------------------------------------------------------------------

    def make_sink(self, *, rescan: bool) -> Sink:
        return DeviceSink(self._order.device, self._order.latency_ms, self._system, rescan=rescan)

    def make_render(self, sink: Sink) -> Render:
        self._renderer = None
        if not sink.own_clock:
            return DirectRenderer(self._chain).render
        self._target = sink.target
        control = self._rate_controls.setdefault(sink.target, RateControl())
        self._renderer = ResampledRenderer(FreshStart(self._chain), control)
        return self._renderer.render

    def is_needed(self) -> bool:
        return self._order.needed

    def signs(self) -> tuple[str, ...]:
        return self._system.snapshot.fingerprint

    async def device_answers(self) -> bool:
        return await device_list.answers(self._order.device)

    def on_playing(self, sink: Sink) -> None:  # noqa: ARG002  # the report names it
        self._say()

    def on_problem(self, sink: Sink, error: SinkError) -> None:  # noqa: ARG002  # the null sink
        self._say(error.message, error.remedy)

    def on_reopening(self, sink: Sink, reason: Reopen) -> None:  # noqa: ARG002  # audio asked for it
        self._say()

    def on_resting(self, sink: Sink) -> None:  # noqa: ARG002  # the null sink
        self._say()

    def _say(self, message: str = "", remedy: str = "") -> None:
        self.message, self.remedy = message, remedy
        self._on_change()
