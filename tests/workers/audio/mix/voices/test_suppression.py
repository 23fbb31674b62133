from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from common.messages import FRAME_SAMPLES
from tests.workers.audio.mix.voices.pretended import Halving, Orders, run, tone
from workers.audio.mix.voices.suppression import WARM_FRAMES, Suppression
from workers.audio.mix.voices.suppressor import SuppressorError

STEP = float(np.abs(np.diff(tone(1))).max())


def on(suppression: Suppression) -> None:
    run(partial(suppression.process, wanted=True), tone(WARM_FRAMES + 2))
    assert suppression.delay_frames == Halving.delay_frames


def test_off_it_passes_bit_by_bit_and_orders_nothing() -> None:
    orders = Orders()
    suppression, sound = Suppression(orders), tone(5)
    assert np.array_equal(run(partial(suppression.process, wanted=False), sound), sound)
    assert not orders.ordered
    assert suppression.is_idle


def test_it_is_heard_once_it_is_warm_and_fades_in_without_a_click() -> None:
    suppression, sound = Suppression(Orders()), tone(WARM_FRAMES + 5)
    heard = run(partial(suppression.process, wanted=True), sound)
    change = WARM_FRAMES * FRAME_SAMPLES
    assert np.array_equal(heard[:change], sound[:change])
    assert np.allclose(heard[change + FRAME_SAMPLES :], sound[change + FRAME_SAMPLES :] / 2)
    assert np.abs(np.diff(heard)).max() < 1.2 * STEP


def test_while_it_is_made_the_voice_passes() -> None:
    orders = Orders(wait=True)
    suppression, sound = Suppression(orders), tone(50)
    assert np.array_equal(run(partial(suppression.process, wanted=True), sound), sound)
    assert len(orders.ordered) == 1
    assert not suppression.is_idle
    orders.deliver()
    on(suppression)
    assert not suppression.is_idle


def test_switched_off_it_fades_out_without_a_click_and_is_freed() -> None:
    orders = Orders()
    suppression, sound = Suppression(orders), tone(5)
    on(suppression)
    heard = run(partial(suppression.process, wanted=False), sound)
    assert np.array_equal(heard[FRAME_SAMPLES:], sound[FRAME_SAMPLES:])
    assert np.abs(np.diff(heard)).max() < 1.2 * STEP
    assert orders.made[0].closed
    assert suppression.is_idle
    assert suppression.delay_frames == 0


def test_what_is_switched_off_while_it_is_made_is_freed_when_it_is_there() -> None:
    orders = Orders(wait=True)
    suppression = Suppression(orders)
    run(partial(suppression.process, wanted=True), tone(1))
    run(partial(suppression.process, wanted=False), tone(1))
    assert suppression.is_idle
    orders.deliver()
    assert orders.made[0].closed


def test_a_pause_lets_the_voice_pass_costs_nothing_and_ends_warm() -> None:
    orders = Orders()
    suppression, sound = Suppression(orders), tone(10)
    on(suppression)
    taken = orders.made[0].taken
    heard = run(partial(suppression.process, wanted=True, paused=True), sound)
    assert np.array_equal(heard[FRAME_SAMPLES:], sound[FRAME_SAMPLES:])
    assert orders.made[0].taken == taken + 1
    assert suppression.delay_frames == 0
    again = run(partial(suppression.process, wanted=True), tone(WARM_FRAMES))
    assert np.array_equal(again, tone(WARM_FRAMES))
    on(suppression)
    assert len(orders.made) == 1


def test_a_library_that_refuses_is_said_and_the_voice_passes() -> None:
    orders = Orders(error=SuppressorError("It does not load."))
    suppression, sound = Suppression(orders), tone(50)
    assert np.array_equal(run(partial(suppression.process, wanted=True), sound), sound)
    assert suppression.fault is not None
    assert suppression.fault.message == "It does not load."
    assert not suppression.is_idle
    assert len(orders.ordered) == 1


def test_another_error_is_not_swallowed() -> None:
    suppression = Suppression(Orders(error=ZeroDivisionError()))
    with pytest.raises(ZeroDivisionError):
        run(partial(suppression.process, wanted=True), tone(2))
