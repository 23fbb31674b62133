"""A run is won by quality and delay together, and shares have intervals over networks."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.receive.networks.rows.row import Row, from_json
from benchmarks.receive.networks.rows.store import RowStore, _code, current, version
from benchmarks.receive.networks.verdict import agreement, judgement, page
from benchmarks.receive.networks.verdict.judgement import Pair

ROW = Row(
    split="tuning",
    index=0,
    loss_seed=0,
    kind="loss",
    system="ours",
    seconds=45.0,
    delay_ms_median=40.0,
    delay_ms_p95=60.0,
    delay_ms_worst=60.0,
    delay_ms_start=45.0,
    delay_ms_end=40.0,
    pesq_wb=3.5,
    pesq_wb_worst=3.0,
    plcmos=4.0,
    plcmos_worst=3.5,
    damaged=0.01,
    unfound=0.0,
)
THEIRS = replace(ROW, system="chromium", delay_ms_median=50.0, clock="real")


def test_quality_and_delay_are_both_needed() -> None:
    assert Pair(ROW, THEIRS).won
    assert not Pair(replace(ROW, pesq_wb=3.46), THEIRS).won
    assert not Pair(replace(ROW, plcmos=3.94), THEIRS).good
    assert not Pair(replace(ROW, delay_ms_median=46.0), THEIRS).quick
    assert not Pair(replace(ROW, delay_ms_p95=61.0), THEIRS).quick


def test_a_run_without_a_figure_is_not_won() -> None:
    for field in ("pesq_wb", "plcmos", "delay_ms_median", "delay_ms_p95"):
        assert not Pair(replace(ROW, **{field: math.nan}), THEIRS).won


def test_more_damage_than_a_fifth_is_harm_unless_it_is_a_trace() -> None:
    assert Pair(replace(ROW, damaged=0.0119), THEIRS).unharmed
    assert not Pair(replace(ROW, damaged=0.0125), THEIRS).unharmed
    assert Pair(replace(ROW, damaged=0.0019), replace(THEIRS, damaged=0.0)).unharmed


def test_a_network_is_judged_by_the_means_of_its_runs() -> None:
    ours = [replace(ROW, index=4, loss_seed=seed, pesq_wb=3.5 + by) for seed, by in enumerate((-0.1, 0.05, 0.06))]
    some = [Pair(row, replace(THEIRS, index=4, loss_seed=row.loss_seed)) for row in ours]
    some.append(Pair(replace(ROW, index=5, damaged=math.nan), replace(THEIRS, index=5)))
    assert [pair.won for pair in some] == [False, True, True, True]
    first, second = judgement.networks(some)
    assert first.pesq == pytest.approx(0.01 / 3)
    assert (first.won, first.ours.index, first.theirs.system) == (True, 4, "chromium")
    assert not second.unharmed


def test_the_page_tells_shares_of_networks_where_they_have_more_than_one_run() -> None:
    rows = [replace(row, loss_seed=seed) for row in (ROW, THEIRS) for seed in (0, 1)]
    assert "by the means of each network's runs, 1 networks: **won 100 (100 … 100) %**" in page.report(rows, "tuning")
    assert "by the means" not in page.report(rows[::2], "tuning")


def test_only_runs_that_both_have_are_compared_and_the_simulated_one_counts() -> None:
    rows = [ROW, replace(ROW, clock="real", pesq_wb=1.0), replace(ROW, index=1), THEIRS]
    (pair,) = judgement.pairs(rows)
    assert pair.ours.clock == "simulated" and pair.theirs.system == "chromium"


def test_an_interval_is_over_networks_not_over_runs() -> None:
    values = [(network, float(network % 2)) for network in range(40) for _ in range(3)]
    clustered = judgement.over_networks(values, np.mean)
    single = judgement.over_networks(list(enumerate(value for _, value in values)), np.mean)
    assert clustered.value == single.value == 0.5
    assert clustered.low < 0.4 and clustered.high > 0.6
    assert clustered.high - clustered.low > 1.3 * (single.high - single.low)
    assert math.isnan(judgement.over_networks([(0, math.nan)], np.max).value)


def test_rows_are_kept_and_the_last_one_counts(tmp_path: Path) -> None:
    kept = RowStore(tmp_path / "new" / "rows.jsonl")
    assert kept.rows() == []
    kept.add([ROW, THEIRS])
    kept.add([replace(ROW, pesq_wb=2.0, version="b", delay_ms_worst=math.nan)])
    rows = {row.system: row for row in kept.rows()}
    assert rows["ours"].pesq_wb == 2.0 and math.isnan(rows["ours"].delay_ms_worst)
    assert ((0, 0), "ours", "simulated", "b") in kept.has()
    assert from_json({**THEIRS.as_json(), "gone": 1}).system == "chromium"


def test_a_version_is_what_the_code_does(tmp_path: Path) -> None:
    first, second, third = (tmp_path / f"{name}.py" for name in "abc")
    first.write_text('"""One."""\nlength = 5  # why\n')
    second.write_text("length = (\n    5\n)\n")
    third.write_text("length = 6\n")
    assert _code(first) == _code(second) != _code(third)


@pytest.mark.parametrize(("value", "words"), [(0.5, "50 (40 … 60)"), (math.nan, "-")])
def test_an_estimate_is_told_with_its_interval(value: float, words: str) -> None:
    assert judgement.Estimate(value, 0.4, 0.6).words(0, 100) == words


def test_real_and_simulated_time_are_held_against_each_other() -> None:
    rows = [replace(ROW, index=index) for index in range(5)]
    real = [replace(row, clock="real", delay_ms_median=row.delay_ms_median + 4, pesq_wb=3.2) for row in rows]
    assert agreement.lines(rows) == []
    *_, line, _ = agreement.lines([*rows, *real])
    assert line.startswith("| ours | 5 | 4.0 (4.0 … 4.0), 100% within 10, alike")
    assert "-0.300 (-0.300 … -0.300), 0% within 0.05, **not alike**" in line


def test_a_page_tells_which_seeds_were_used_and_keeps_held_out_networks_to_itself() -> None:
    rows = [replace(ROW, index=index, pesq_wb=3.0) for index in range(3)]
    rows += [replace(THEIRS, index=index, late_ms=0.4, version="156") for index in range(3)]
    told = page.report(rows, "tuning")
    assert "- seeds: **tuning**, networks 0 to 2 (3 of them), loss seeds 0, 45 s each" in told
    assert "p99 of the worst batch: 0.4 ms" in told
    assert "**won: 0 (0 … 0) %**" in told
    assert "| 2-0 | loss | -0.50 |" in told
    hidden = page.report([replace(row, split="held-out") for row in rows], "held-out")
    assert "seeds: **held-out**" in hidden and "| - | loss | -0.50 |" in hidden
    assert "no rows of the held-out seeds" in page.report(rows, "held-out")


def test_rows_of_another_generator_or_another_receive_path_are_left_out() -> None:
    rows = [replace(ROW, version=version("ours")), replace(ROW, version="older")]
    browsers = [replace(THEIRS, version=f"156.0 {version('chromium')}"), replace(THEIRS, version="156.0 older")]
    assert current([*rows, *browsers]) == [rows[0], browsers[0]]
