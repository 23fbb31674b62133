"""PESQ (ITU-T P.862.2, wideband) and STOI, from the packages of `make setup-bench`."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.receive.judge import score
from benchmarks.receive.judge.score import Heard
from benchmarks.receive.network.traces import Trace
from benchmarks.receive.rows import Row
from benchmarks.receive.speech import RATE, Speech

try:
    from pesq import PesqError, pesq
    from pystoi import stoi
except ImportError as error:
    raise SystemExit(f"{error.name} is missing: call `make setup-bench` first.") from error


def row(heard: Heard, said: Speech, began_ns: int, trace: Trace, **more: Any) -> Row:
    """Return the score of `heard` against `said`. Packet 0 was sent at `began_ns`, `more` are the other fields."""
    sound = score.at_16k(heard)
    found = score.timing(heard, sound, said, began_ns, trace.drift_ppm)
    delays = found.delays_ms if len(found.delays_ms) else np.array([np.nan])
    return Row(
        trace=trace.name,
        delay_ms_mean=float(np.mean(delays)),
        delay_ms_median=float(np.median(delays)),
        delay_ms_p95=float(np.percentile(delays, 95)),
        pesq_wb=pesq_wb(*score.aligned(sound, said, found)),
        stoi=_stoi(*score.aligned_spurts(sound, said, found)),
        interruptions=score.interruptions(sound, said, found),
        concealed=heard.concealed,
        **more,
    )


def pesq_wb(source: score.Floats, heard: score.Floats) -> float:
    """Return PESQ-WB of two aligned signals at 16 kHz, or the bottom of the scale if nothing was heard."""
    heard = np.clip(np.rint(heard), -32768, 32767).astype(np.int16)
    try:
        return float(pesq(RATE, source.astype(np.int16), heard, "wb"))
    except PesqError:
        return 1.0


def _stoi(source: score.Floats, heard: score.Floats) -> float:
    return float(stoi(source, heard, RATE, extended=False))
