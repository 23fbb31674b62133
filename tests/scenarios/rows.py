"""A scenario as a row: what is set off, what a user sees of it, and what must survive it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from common.config.tables import Settings
from common.log import logs
from common.messages import PartyState
from tests.scenarios.stage import Stage

JWT = re.compile(r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+")


@dataclass(frozen=True)
class Row:
    """A scenario of the simulator (empty: none), what is done and seen, and what must survive it."""

    scenario: str
    seen: Callable[[Stage], Awaitable[None]]
    name: str = ""
    survives: bool = True
    """The membership; it is the same one all along."""
    voice: Literal["kept", "back"] = "kept"
    """``kept``: nobody's voice was lost meanwhile; ``back``: all are heard afterwards."""

    @property
    def id(self) -> str:
        return self.name or self.scenario


async def play(stage: Stage, row: Row, may_try_again: Callable[[], bool]) -> None:
    while not (kept := await _play(stage, row)) and may_try_again():
        continue
    assert kept, "more of the voices was lost than in quiet times"


async def _play(stage: Stage, row: Row) -> bool:
    """Play a scenario; return whether the voices were kept, where they had to be."""
    await stage.begin()  # with everybody heard: so what came before is whole again
    if row.scenario:
        await stage.set_off(row.scenario)
    await row.seen(stage)
    await stage.calm()
    kept = row.voice == "back" or await stage.no_voice_lost()
    if row.survives:
        await stage.survived()
    return kept


async def no_rule_was_broken(stage: Stage) -> None:
    violations = await stage.rig.control("violations")
    assert violations == []
    assert {state.phase for state in stage.rig.all(PartyState)} <= {"none", "joining", "joined", "leaving"}


async def no_secret_lies_about(stage: Stage) -> None:
    psn = Settings().psn
    files = [
        file for file in stage.rig.home.rglob("*") if file.is_file() and stage.rig.paths.secrets not in file.parents
    ]
    texts = {
        file: file.read_bytes().decode("utf-8", "replace") for file in files if file != stage.rig.paths.simulator_file
    }
    assert stage.rig.paths.trace_file in texts
    assert any("refused" in text for text in texts.values())
    for file, text in texts.items():
        assert stage.info["npsso"] not in text, file
        assert psn.client_secret not in text, file
        assert not JWT.search(text), file
        assert "ice-pwd:" not in text.replace(f"ice-pwd:{logs.HIDDEN}", ""), file
