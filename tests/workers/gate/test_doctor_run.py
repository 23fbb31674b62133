"""The doctor of this machine for a paired one: bounded in time, size and number."""

from __future__ import annotations

import asyncio

import pytest

from common.errors import PartylineError
from workers.gate import doctor_run
from workers.gate.doctor_run import DoctorRun


def printing(text: str, more: str = "") -> DoctorRun:
    return DoctorRun(("-c", f"print({text!r})\n{more}"))


async def test_its_json_comes_back_whatever_the_exit_code_is() -> None:
    assert (await printing('{"findings": []}', "raise SystemExit(5)").run()).strip() == b'{"findings": []}'


@pytest.mark.parametrize(("text", "more"), [("", ""), ("Traceback", ""), ("{", "print('x' * (1 << 20))")])
async def test_what_is_no_result_is_said(text: str, more: str) -> None:
    with pytest.raises(PartylineError, match="without a result"):
        await printing(text, more).run()


async def test_one_at_a_time_and_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_run, "LIMIT_S", 0.5)
    slow = DoctorRun(("-c", "import time; time.sleep(600)"))
    first = asyncio.create_task(slow.run())
    await asyncio.sleep(0)
    with pytest.raises(PartylineError, match="running already"):
        await slow.run()
    with pytest.raises(PartylineError, match="did not end within"):
        await first
    with pytest.raises(PartylineError, match="did not end within"):
        await slow.run()
