"""Rows as people read them."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.receive.quality import Row

_COLUMNS = {"delay median": 13, "mean": 8, "p95": 8, "PESQ": 7, "STOI": 7, "interr.": 9, "made up": 9, "CPU": 7}
_HEAD = f"{'trace':<24}{'system':<10}" + "".join(f"{name:>{width}}" for name, width in _COLUMNS.items())


def table(rows: Sequence[Row]) -> str:
    """Return one line a row; delays in ms, shares in %."""
    return "\n".join([_HEAD, *(_line(row) for row in rows)])


def _line(row: Row) -> str:
    return (
        f"{row.trace:<24}{row.system:<10}{row.delay_ms_median:>13.1f}{row.delay_ms_mean:>8.1f}{row.delay_ms_p95:>8.1f}"
        f"{row.pesq_wb:>7.2f}{row.stoi:>7.3f}{row.interruptions:>9}{_percent(row.concealed):>9}{_number(row.cpu_percent):>7}"
    )


def _percent(share: float) -> str:
    return _number(share * 100)


def _number(value: float) -> str:
    return "-" if value != value else f"{value:.1f}"  # noqa: PLR0124
