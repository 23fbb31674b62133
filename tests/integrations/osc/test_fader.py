"""The law of faders and meters is one, whoever shows them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.osc.fader import GAIN, gain_of, meter_of, position_of
from tests.workers.dashboard.pages.javascript import STATIC, javascript


@pytest.mark.parametrize(("position", "gain_db"), [(0.0, -60.0), (0.5, -20.0), (0.75, 0.0), (1.0, 20.0)])
def test_it_is_linear_in_db_with_0_db_at_three_quarters(position: float, gain_db: float) -> None:
    assert gain_of(position) == gain_db
    assert position_of(gain_db) == position


@pytest.mark.parametrize(("position", "gain_db"), [(-3.0, -60.0), (1.0001, 20.0)])
def test_a_position_beyond_the_ends_is_the_end(position: float, gain_db: float) -> None:
    assert gain_of(position) == gain_db
    assert 0 <= position_of(gain_db * 2) <= 1


@given(st.floats(0, 1, width=32))
def test_a_position_comes_back_as_it_was(position: float) -> None:
    assert position_of(gain_of(position)) == pytest.approx(position, abs=1e-4)


def test_the_dashboard_has_the_same_fader_and_the_same_meter() -> None:
    range_ = {"least": GAIN.least, "most": GAIN.most}
    with javascript("talkers/fader.js", "shared/format.js") as js:
        for gain_db in (-60, -20.5, 0, 7, 20):
            assert js("position(value, range)", value=gain_db, range=range_) == pytest.approx(position_of(gain_db))
        for level_db in (-120, -54, -30, -6, 0, 3):
            assert js("meter(value)", value=level_db) == pytest.approx(meter_of(level_db))


def test_the_dashboards_slider_is_a_plain_one_over_the_same_range() -> None:
    """The browser's own range input is linear from `min` to `max`, which are the range's ends."""
    source = (STATIC / "shared" / "dom.js").read_text("utf-8")
    assert 'type: "range"' in source
    assert 'attribute(input, "min", least);' in source
    assert 'attribute(input, "max", most);' in source
    assert "Math.pow" not in source
    assert "Math.log" not in source
