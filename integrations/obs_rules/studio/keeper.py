"""Brings OBS to what the rules want, and back to what was found there."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Protocol

import structlog

from common.obs.connection import ObsRefusedError
from integrations.obs_rules.decide.engine import Wanted
from integrations.obs_rules.rules.model import PREVIEW, PROGRAM, Target
from integrations.obs_rules.studio.found import FoundFile, FoundValue
from integrations.obs_rules.studio.scene_choices import SceneChoices

RETRY_S = 10.0
"""After this, or after a change of the scenes, what OBS refused is tried again. Chosen so that it costs nothing."""
SLOTS = (PROGRAM, PREVIEW)
_NAMES = "Write the names in the rule file as they are in OBS. It is tried again by itself."
_STUDIO_MODE = "Switch on Studio Mode in OBS, and write the scene's name as it is there. It is tried again by itself."

Log = structlog.stdlib.BoundLogger


class Scenes(Protocol):
    """OBS. `ObsScenes` is one."""

    async def collection(self) -> str: ...

    async def get(self, target: Target) -> bool | str: ...

    async def set(self, target: Target, value: bool | str) -> None: ...


class SceneKeeper:
    """One connection's. Every coroutine raises `ObsError` when the connection is of no use any more."""

    def __init__(self, scenes: Scenes, file: FoundFile, log: Log, clock: Callable[[], float] = time.monotonic) -> None:
        self._scenes = scenes
        self._file = file
        self._log = log
        self._clock = clock
        self._collection = ""
        self._targets: Mapping[Target, tuple[str, ...]] = {}
        self._found: dict[Target, FoundValue] = {}
        self._set: dict[Target, tuple[bool | str, ...]] = {}
        """What we set last, or what it was when the rules began. While OBS has not answered: before that, and now."""
        self._refused: dict[Target, float] = {}
        """What OBS does not have, and when that is told and tried again."""
        self._told: set[Target] = set()
        self._choices = SceneChoices()

    @property
    def program(self) -> str:
        """The program scene that was found, or chosen by hand since. Empty if no rule chooses one."""
        found = self._found.get(PROGRAM)
        return str(found.value) if found else ""

    async def open(self, targets: Mapping[Target, tuple[str, ...]]) -> bool:
        """Note how everything is that the rules may set, and set back what they do not set any more.

        Return whether some of it was noted before, and so may not be as it was found.
        """
        self._collection = await self._scenes.collection()
        before = self._file.of(self._collection)
        self._targets = targets
        self._set.clear()
        self._found = {}
        self._choices.forget_open()
        for target, ours in targets.items():
            kept = before.get(target)
            present = await self._get(target)
            if present is None:
                continue
            self._set[target] = (present,)
            is_ours = kept is not None and (target not in SLOTS or present in kept.ours)
            self._found[target] = FoundValue(target, kept.value if kept and is_ours else present, ours)
        gone = {target: one for target, one in before.items() if target not in targets}
        unread = {target: one for target, one in before.items() if target in targets and target not in self._found}
        self._file.put(self._collection, {**gone, **unread, **self._found})
        for one in gone.values():
            await self._set_back(one)
        self._file.put(self._collection, {**unread, **self._found})
        return bool(before)

    def scenes_changed(self) -> None:
        """Try again what OBS refused: it may be there now."""
        self._refused.clear()

    def tell(self, slot: Target, scene: str) -> bool:
        """Note that OBS tells of a scene. Return False if it may have been read before that: look anew then."""
        if slot in self._found:
            self._choices.tell(slot, scene, self._set[slot][-1], self._clock())
        return slot in self._found or slot not in self._targets

    def chosen(self) -> dict[Target, str]:
        """Return the scenes that somebody has chosen by hand, and take them as those to come back to."""
        chosen = {slot: one for slot, one in self._choices.settled(self._clock()).items() if slot in self._found}
        for slot, scene in chosen.items():
            self._set[slot] = (scene,)
            self._found[slot] = FoundValue(slot, scene, self._found[slot].ours)
        if chosen:
            kept = self._file.of(self._collection)
            self._file.put(self._collection, kept | {slot: self._found[slot] for slot in chosen})
        return chosen

    def due(self) -> float | None:
        """Return when it is certain that a scene was chosen by hand."""
        return self._choices.due()

    async def apply(self, wanted: Mapping[Target, Wanted]) -> None:
        """Set whatever is not yet so. What was changed by hand meanwhile stays until something else is wanted."""
        todo: list[tuple[Target, bool | str]] = []
        for target, value in wanted.items():
            if self._choices.is_open(target) or (target not in self._found and not await self._find(target)):
                continue
            as_wanted = self._found[target].value if value is None else value
            if self._set[target][-1] != as_wanted:
                todo.append((target, as_wanted))
        for target, value in sorted(todo, key=lambda one: one[1] is not False):  # hide before anything is shown
            await self._change(target, value)

    async def restore(self) -> None:
        """Set everything back to what was found, but for what was changed by hand since."""
        for one in self._found.values():
            await self._set_back(one)
        self._file.put(
            self._collection,
            {target: one for target, one in self._file.of(self._collection).items() if target not in self._found},
        )
        self._set.clear()
        self._found.clear()

    # --- one thing -----------------------------------------------------------------------------------

    async def _find(self, target: Target) -> bool:
        """Look for what was not there at first. Return whether it is there now."""
        if self._clock() < self._refused.get(target, 0.0):
            return False
        present = await self._get(target)
        if present is None:
            return False
        self._set[target] = (present,)
        kept = self._file.of(self._collection)
        self._found[target] = kept.get(target) or FoundValue(target, present, self._targets.get(target, ()))
        self._file.put(self._collection, {**kept, target: self._found[target]})
        return True

    async def _get(self, target: Target) -> bool | str | None:
        try:
            return await self._scenes.get(target)
        except ObsRefusedError as error:
            self._refuse(target, error)
            return None

    async def _change(self, target: Target, value: bool | str) -> None:
        if self._clock() < self._refused.get(target, 0.0):
            return
        if target in SLOTS:
            self._choices.expect(target, str(value), self._clock())
        before = self._set.get(target, ())
        self._set[target] = (*before, value)
        try:
            await self._scenes.set(target, value)
        except ObsRefusedError as error:
            if before:
                self._set[target] = before
            else:
                del self._set[target]
            self._refuse(target, error)
            return
        self._set[target] = (value,)
        self._told.discard(target)
        self._log.debug("set", what=str(target), to=value)

    async def _set_back(self, one: FoundValue) -> None:
        present = await self._get(one.target)
        if present is None or present == one.value:
            return
        ours = self._set.get(one.target)
        if ours is not None and present not in ours:
            return  # changed by hand since
        if ours is None and one.target in SLOTS and present not in one.ours:
            return  # chosen by hand while nobody looked
        await self._change(one.target, one.value)

    def _refuse(self, target: Target, error: ObsRefusedError) -> None:
        self._refused[target] = self._clock() + RETRY_S
        if target not in self._told:
            self._told.add(target)
            self._log.warning(
                "a rule cannot be followed", what=str(target), error=error.message,
                remedy=_STUDIO_MODE if target == PREVIEW else _NAMES,
            )  # fmt: skip
