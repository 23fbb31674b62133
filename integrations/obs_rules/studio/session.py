"""The connection to OBS: open it, follow the rules as long as it lasts, set everything back at the end."""

from __future__ import annotations

import asyncio
from typing import Any, Protocol

import structlog

from common.config.tables import ObsSettings
from common.errors import PartylineError
from common.obs.connection import ObsConnection, ObsError, connect
from integrations.obs_rules.decide.engine import Decision
from integrations.obs_rules.rules.model import PREVIEW, PROGRAM, Target
from integrations.obs_rules.studio.found import FoundFile
from integrations.obs_rules.studio.keeper import SceneKeeper
from integrations.obs_rules.studio.obs_scenes import ObsScenes

WAITS_S = (1.0, 2.0, 5.0, 10.0)
"""Waits before OBS is looked for again, the last one for all further ones. Chosen so that it is found before its user
is ready, and that a night without OBS costs nothing."""
RESTORE_S = 3.0
"""Time to set everything back at the end. supervisord waits 6 s before it kills."""
SCENES_CHANGED = (
    "SceneItemCreated", "SceneItemRemoved", "InputCreated", "InputRemoved", "InputNameChanged", "SceneListChanged",
    "SceneNameChanged",
)  # fmt: skip
"""Events after which something may be there that was not."""


class Rules(Protocol):
    """Who decides. All calls come from the event loop that runs the session."""

    def targets(self) -> dict[Target, tuple[str, ...]]:
        """Return what the rules set, each with the scenes that they may choose."""
        ...

    def decide(self, now: float) -> Decision: ...

    def scene_is(self, scene: str) -> None:
        """Take the program scene that was found, or chosen by hand."""
        ...

    def pause(self, slot: Target, now: float) -> float:
        """Leave a scene alone that was chosen by hand. Return for how long."""
        ...


class ObsSession:
    def __init__(self, settings: ObsSettings, rules: Rules, file: FoundFile, changed: asyncio.Event) -> None:
        """Take `changed`, which is set when something was heard, to decide again."""
        self._settings = settings
        self._rules = rules
        self._file = file
        self._log: structlog.stdlib.BoundLogger = structlog.get_logger("obs_rules")
        self._changed = changed
        self._is_other = True
        """Whether the rules or OBS's scene collection are others than those that were opened."""
        self._is_set = False
        """Whether the rules hold sway, and so there is something to set back."""
        self._is_loading = False
        """OBS takes one scene collection down and builds another one. What is found then belongs to neither."""

    def open_again(self) -> None:
        """Look at everything in OBS anew: the rules or the scenes are others."""
        self._is_other = True
        self._changed.set()

    async def run(self) -> None:
        """Go on until cancelled. An OBS that does not run is waited for."""
        tries, told = 0, ""
        while True:
            try:
                async with connect(self._settings, changes=True) as obs:
                    tries, told = 0, ""
                    self._log.info("connected to OBS")
                    await self._keep(obs)
                    self._log.info("OBS was closed")
            except PartylineError as error:
                if told != error.message:
                    self._log.warning("waits for OBS", error=error.message, remedy=error.remedy)
                told = error.message
            await asyncio.sleep(WAITS_S[min(tries, len(WAITS_S) - 1)])
            tries += 1

    async def _keep(self, obs: ObsConnection) -> None:
        scenes = ObsScenes(obs)
        keeper = SceneKeeper(scenes, self._file, self._log)
        self._listen(obs, keeper, scenes)
        self._is_other, self._is_loading = True, False
        closed = asyncio.create_task(obs.wait_closed())
        try:
            while not closed.done():
                self._changed.clear()
                due = await self._follow(keeper)
                _heed_cancel()
                await self._rest(closed, due)
        except asyncio.CancelledError:
            await self._set_back(keeper)
            raise
        finally:
            closed.cancel()
            await asyncio.gather(closed, return_exceptions=True)

    async def _follow(self, keeper: SceneKeeper) -> float | None:
        """Do what the rules want now. Return when to decide again at the latest."""
        if self._is_loading:
            return None
        if self._is_other:
            self._is_other = False
            self._is_set |= await keeper.open(self._rules.targets())
            self._rules.scene_is(keeper.program)
        for slot, scene in keeper.chosen().items():
            self._pause(slot, scene)
        decision = self._rules.decide(_now())
        if not decision.is_over:
            self._is_set = True
            await keeper.apply(decision.wanted)
        elif self._is_set:
            self._is_set = False  # it comes here too after a kill, when partyline does not run any more
            self._log.info("nothing is known of the party any more, so OBS is set back")
            await keeper.restore()
            self._is_other = True  # what is found when the party is back counts then
        return min((due for due in (decision.due, keeper.due()) if due is not None), default=None)

    async def _rest(self, closed: asyncio.Task[None], due: float | None) -> None:
        """Wait until something changed, until `due`, or until the connection is closed."""
        waiting = asyncio.create_task(self._changed.wait())
        try:
            await asyncio.wait(
                (waiting, closed),
                timeout=None if due is None else max(0.0, due - _now()),
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)

    async def _set_back(self, keeper: SceneKeeper) -> None:
        if not self._is_set:
            return
        try:
            async with asyncio.timeout(RESTORE_S):
                await keeper.restore()
        except (ObsError, TimeoutError) as error:
            self._log.warning(
                "OBS could not be set back", error=str(error),
                remedy="It is done at the next start. Or set the scenes right in OBS by hand.",
            )  # fmt: skip

    # --- events of OBS -------------------------------------------------------------------------------

    def _listen(self, obs: ObsConnection, keeper: SceneKeeper, scenes: ObsScenes) -> None:
        def tell(slot: Target, data: dict[str, Any]) -> None:
            self._is_other |= not keeper.tell(slot, str(data["sceneName"]))
            self._changed.set()

        async def program(data: dict[str, Any]) -> None:
            tell(PROGRAM, data)

        async def preview(data: dict[str, Any]) -> None:
            tell(PREVIEW, data)

        async def loading(_: dict[str, Any]) -> None:
            self._is_loading = True

        async def loaded(_: dict[str, Any]) -> None:
            self._is_loading = False
            scenes.forget_items()
            self.open_again()

        async def other(_: dict[str, Any]) -> None:
            scenes.forget_items()
            keeper.scenes_changed()
            self._changed.set()

        obs.on("CurrentProgramSceneChanged", program)
        obs.on("CurrentPreviewSceneChanged", preview)
        obs.on("CurrentSceneCollectionChanging", loading)
        obs.on("CurrentSceneCollectionChanged", loaded)
        for event in SCENES_CHANGED:
            obs.on(event, other)

    def _pause(self, slot: Target, scene: str) -> None:
        pause_s = self._rules.pause(slot, _now())
        if slot == PROGRAM:
            self._rules.scene_is(scene)
        self._log.info("a scene was chosen by hand, so the rules leave it alone", scene=scene, seconds=pause_s)


def _heed_cancel() -> None:
    """Raise `asyncio.CancelledError` if this task was cancelled.

    In Python 3.11 `asyncio.wait_for`, which simpleobsws uses, drops a cancellation that comes with the answer.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def _now() -> float:
    return asyncio.get_running_loop().time()
