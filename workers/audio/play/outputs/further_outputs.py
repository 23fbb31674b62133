"""The further outputs: their processes, orders, problems and states, kept in step with what was chosen."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import structlog

from common.messages import MixerState, OutputStatus
from workers.audio.mix_settings import MixSettings
from workers.audio.play.device_need import DeviceNeed
from workers.audio.play.main_controls import MainControls
from workers.audio.play.output import Output
from workers.audio.play.outputs import doubles, statuses
from workers.audio.play.outputs.choices import OutputChoices, OutputPlan
from workers.audio.play.outputs.player_process import PlayerProcess

POLL_S = 0.25
"""Seconds between two looks at what is wanted. Chosen as for the system's devices."""
PROBLEM = "audio.output"
"""Begins the code of an output's problem, and its name ends it."""


class OutputProblems(Protocol):
    """What the outputs need from the worker."""

    def publish_problem(self, code: str, message: str, remedy: str, *, severity: str) -> None: ...

    def clear_problem(self, code: str) -> None: ...


class FurtherOutputs:
    def __init__(  # noqa: PLR0913, PLR0917
        self,
        worker: OutputProblems,
        run_folder: Path,
        choices: OutputChoices,
        settings: MixSettings,
        main: Output,
        controls: MainControls,
        need: DeviceNeed,
        on_change: Callable[[], None],
    ) -> None:
        """`on_change` is called when the state of an output changes."""
        self.choices = choices
        self._worker = worker
        self._run_folder = run_folder
        self._settings = settings
        self._main = main
        self._controls = controls
        self._need = need
        self._on_change = on_change
        self._log = structlog.get_logger("audio").bind(worker="audio")
        self._players: dict[str, PlayerProcess] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._same_as: dict[str, str] = {}
        self._told: set[str] = set()
        self._phases: tuple[Any, ...] = ()
        self._main_age_ms = 0.0

    async def run(self) -> None:
        while True:
            self.apply()
            for task in self._tasks.values():
                if task.done():
                    task.result()  # raises its fault
            await asyncio.sleep(POLL_S)

    async def stop(self) -> None:
        """End all processes."""
        tasks, self._tasks = list(self._tasks.values()), {}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def try_out(self) -> None:
        """Open the devices for a moment, also without a party, because one was chosen."""
        self._need.try_out(time.monotonic())

    def apply(self) -> None:
        """Bring the processes and the main output's controls in step with what is wanted."""
        main = self.choices.main
        self._controls.set(main.gain_db, delay_ms=main.delay_ms, muted=main.muted)
        plans = self.choices.further
        self._controls.feed_outputs(is_needed=bool(plans))
        self._same_as = doubles.refused(self.devices())
        names = {plan.name for plan in plans}
        for name in [name for name in self._players if name not in names]:
            self._end(name)
        for plan in plans:
            self._keep(plan)
        self._publish_changes()

    def devices(self) -> list[tuple[str, str]]:
        """Return name and device of each output, the device's full name where it is known."""
        shown = self._main.resting or self._main.playing
        main = shown.target if shown is not None and shown.kind == "device" else ""
        return [(self.choices.main.name, main), *((plan.name, self._device_of(plan)) for plan in self.choices.further)]

    def _device_of(self, plan: OutputPlan) -> str:
        report = self._players[plan.name].report if plan.name in self._players else None
        return report.target or plan.device if report is not None and report.device == plan.device else plan.device

    def _keep(self, plan: OutputPlan) -> None:
        configured = self._settings.configured
        order = statuses.order_of(
            plan,
            mix_delay_ms=self._settings.delay_ms,
            latency_ms=configured.latency_ms,
            queue_ms=configured.queue_ms,
            needed=plan.name not in self._same_as and (configured.keep_open or self._need.is_needed(time.monotonic())),
        )
        if plan.name in self._players:
            self._players[plan.name].send(order)
            return
        player = PlayerProcess(plan.name, self._run_folder, order, self._publish_changes)
        self._players[plan.name] = player
        self._tasks[plan.name] = asyncio.create_task(player.run(), name=f"output {plan.name}")

    def _end(self, name: str) -> None:
        del self._players[name]
        self._tasks.pop(name).cancel()  # ends the process
        self._worker.clear_problem(f"{PROBLEM}.{name}")

    # --- what is published -------------------------------------------------------------------------

    def statuses(self, mixer: MixerState) -> tuple[OutputStatus, ...]:
        """Return the state of each output, the main one first."""
        ages = [talker.queue_ms for talker in mixer.talkers if talker.queue_ms]
        self._main_age_ms = max(ages, default=self._main_age_ms)
        main = statuses.main_status(self.choices.main, mixer, self._settings.device, self._main_age_ms)
        return (main, *(self._status(plan) for plan in self.choices.further))

    def _status(self, plan: OutputPlan) -> OutputStatus:
        player = self._players.get(plan.name)
        return statuses.further_status(
            plan,
            player.report if player is not None else None,
            self._settings.delay_ms,
            same_as=self._same_as.get(plan.name, ""),
            ended=player.ended if player is not None else "",
        )

    def publish(self) -> None:
        """Publish the state, because something was chosen."""
        self._on_change()

    def facts(self) -> dict[str, str]:
        """Return details for the heartbeat."""
        found = {}
        for name, player in self._players.items():
            report = player.report
            if report is not None:
                figures = f"queue {report.spare_ms:.0f} ms spare, {report.missing} missing, {report.dropped} dropped"
                found[f"output {name}"] = f"process {player.pid}, {figures}"
        return found

    def _publish_changes(self) -> None:
        """Publish the problems, and the state if an output began or ceased to play."""
        for plan in self.choices.further:
            player = self._players.get(plan.name)
            if player is None:
                continue
            code = f"{PROBLEM}.{plan.name}"
            problem = statuses.problem_of(
                plan, player.report, same_as=self._same_as.get(plan.name, ""), ended=player.ended
            )
            if problem is not None:
                self._worker.publish_problem(code, *problem, severity="warning")
            else:
                self._worker.clear_problem(code)
        phases = tuple((status.name, status.phase, status.where) for status in map(self._status, self.choices.further))
        if phases != self._phases:
            self._phases = phases
            self._log.info("further outputs", outputs=[f"{name}: {phase}" for name, phase, _ in phases])
            self._on_change()
