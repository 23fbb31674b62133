"""A check that hangs or fails is told as such, and holds up no other."""

from __future__ import annotations

import threading
import time

from cli.machine.doctor.check import Check, CheckEvidence, CheckFinding, CheckVerdict, exit_code, in_order
from cli.machine.doctor.examine import AT_ONCE, examine
from cli.machine.doctor.surroundings import Surroundings
from tests.cli.machine.doctor.stage import stage


class Nothing(CheckEvidence, frozen=True, kw_only=True):
    value: int = 1


def good(found: Nothing) -> CheckVerdict:
    return CheckVerdict("ok", f"It is {found.value}.")


async def test_a_probe_that_hangs_is_a_finding_and_the_others_are_there() -> None:
    forever = threading.Event()

    def hang(_: Surroundings) -> Nothing:
        forever.wait()
        return Nothing()

    checks = [Check("hangs", "", hang, good, wait_s=0.2), Check("fine", "", lambda _: Nothing(), good)]
    with stage() as here:
        hung, fine = await examine(checks, here.around())
    forever.set()
    assert (hung.severity, hung.evidence) == ("cannot tell", {})
    assert "0.2 s" in hung.sentence
    assert (fine.severity, fine.evidence) == ("ok", {"value": 1})


async def test_a_probe_that_fails_is_a_finding() -> None:
    def fail(_: Surroundings) -> Nothing:
        raise RuntimeError("made up")

    with stage() as here:
        (found,) = await examine([Check("fails", "", fail, good)], here.around())
    assert found.severity == "cannot tell"
    assert "RuntimeError: made up" in found.sentence


async def test_checks_with_one_probe_share_a_measurement() -> None:
    asked: list[int] = []

    def measure(_: Surroundings) -> Nothing:
        asked.append(1)
        return Nothing()

    with stage() as here:
        await examine([Check("a", "", measure, good), Check("b", "", measure, good)], here.around())
    assert asked == [1]


async def test_a_program_that_does_not_end_is_killed_with_its_children() -> None:
    def slow(around: Surroundings) -> Nothing:
        around.run("slow", wait_s=0.2)
        return Nothing()

    with stage() as here:
        here.tool("slow", "sleep 60 & sleep 60")
        began = time.monotonic()
        (found,) = await examine([Check("slow", "", slow, good)], here.around())
    assert "slow did not end within 0.2 s" in found.sentence
    assert time.monotonic() - began < 30


def test_a_program_that_is_missing_says_so() -> None:
    with stage() as here:
        assert here.around().run("no-such-program").missing


def of(severity: str) -> CheckFinding:
    return CheckFinding(id=severity, title="", severity=severity, sentence="", remedy="", evidence={})


def test_the_order_is_what_to_do_first_and_the_exit_code_is_the_worst() -> None:
    mixed = [of("ok"), of("note"), of("error"), of("cannot tell"), of("warning")]
    assert [one.id for one in in_order(mixed)] == ["error", "warning", "cannot tell", "note", "ok"]
    assert [exit_code(some) for some in (mixed, mixed[3:], mixed[:2], [])] == [5, 4, 0, 0]
    assert AT_ONCE > 1
