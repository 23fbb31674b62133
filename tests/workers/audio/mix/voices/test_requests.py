"""The request, with the desk and the lanes behind it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from common.config.tables import AudioSettings
from common.messages import TalkerProcessing
from common.requests import SetTalkerProcessing
from workers.audio.memory import Choices
from workers.audio.mix.voices import suppressor
from workers.audio.mix.voices.lanes import ProcessingLanes
from workers.audio.mix.voices.suppressor import SuppressorError
from workers.audio.mixing_desk import MixingDesk
from workers.audio.requests import MixRequests

BO = "1002.PS5"


class Worker:
    def __init__(self) -> None:
        self.done: list[str] = []

    def publish_state(self) -> None:
        self.done.append("published")

    def publish_tone(self, seconds: float) -> None:
        self.done.append(f"tone of {seconds:g} s")

    async def save(self) -> None:
        self.done.append("saved")


def made() -> tuple[MixRequests, MixingDesk, Worker]:
    worker, desk = Worker(), MixingDesk(AudioSettings(), Choices())
    lanes = ProcessingLanes(desk.chain.inbox.append, desk.processing_of)
    nobody: Any = None
    return MixRequests(worker, desk, nobody, nobody, nobody, lanes, asyncio.Event(), nobody), desk, worker


async def test_all_of_a_talkers_processing_is_chosen_saved_and_published(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suppressor, "missing", str)
    requests, desk, worker = made()
    done = await requests._serve_set_talker_processing(SetTalkerProcessing(peer=BO, gate_db=-50, suppress=True))
    assert done.message == f"{BO}: gate at -50 dBFS, noise suppression"
    assert desk.processing_of("1002.PS4") == TalkerProcessing(gate_db=-50, suppress=True)
    assert worker.done == ["published", "saved"]
    done = await requests._serve_set_talker_processing(SetTalkerProcessing(peer=BO, eq="dull", pan=-0.4))
    assert done.message == f"{BO}: equaliser for dull, panned 40 % left"
    assert desk.processing_of(BO) == TalkerProcessing(eq="dull")


async def test_suppression_that_is_not_installed_is_refused_and_nothing_changes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(suppressor, "missing", lambda: "Noise suppression is not installed.")
    requests, desk, worker = made()
    with pytest.raises(SuppressorError, match="not installed"):
        await requests._serve_set_talker_processing(SetTalkerProcessing(peer=BO, gate_db=-50, suppress=True))
    assert desk.processing_of(BO) == TalkerProcessing()
    assert worker.done == []
    await requests._serve_set_talker_processing(SetTalkerProcessing(peer=BO, gate_db=-50))
    assert desk.processing_of(BO) == TalkerProcessing(gate_db=-50)
