"""The marks of one run: delays, PESQ and PLCMOS in pieces of 9 s, speech damaged. Needs `make setup-bench`."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import soxr

from benchmarks.receive.judge.quality import pesq_wb
from benchmarks.receive.judge.score import LOOKAHEAD_MS, OUT_RATE, Heard
from benchmarks.receive.networks.case import NetworkCase
from benchmarks.receive.networks.judge.found import Floats, Found, find
from benchmarks.receive.networks.rows.row import Row
from benchmarks.receive.networks.speak.encoded import reference
from benchmarks.receive.networks.speak.talk import talk
from benchmarks.receive.networks.speak.voices import RATE

try:
    from speechmos.plcmos import PLCMOS
except ImportError as error:
    raise SystemExit(f"{error.name} is missing: call `make setup-bench` first.") from error

PIECE_S = 9.0
"""P.862 is made for 8 to 12 s."""
_LEAST_SPEECH_S = 1.0
"""A piece with less speech than this is not judged."""
START_S = 15.0
WORST_S = 5.0
_RATERS = 5
"""PLCMOS averages over drawn raters. Its default of 15 moves the mean by less than 0.02."""


def mark(case: NetworkCase, system: str, heard: Heard, began_ns: int, **more: Any) -> Row:
    """Return the marks of what was heard. Packet 0 was sent at `began_ns`, on the clock of the stamps."""
    said = talk(case.talker)
    clean = _at_16k(reference(case.talker))
    sound = _at_16k(heard.samples)
    found = find(clean, said.loud, sound, heard.stamps_ns, began_ns, case.talker.drift_ppm)
    delays = found.delays_ms[~np.isnan(found.delays_ms)]
    begins = found.at_s[0] if len(found.at_s) else 0.0
    early = found.delays_ms[(found.at_s < begins + START_S) & ~np.isnan(found.delays_ms)]
    pieces = list(_pieces(said.samples.astype(np.float32), said.loud, sound, found))
    qualities = [pesq_wb(source, piece) for source, piece in pieces]
    concealments = [plcmos(piece) for _, piece in pieces]
    return Row(
        split=case.seed.split,
        index=case.seed.index,
        loss_seed=case.loss_seed,
        kind=case.network.kind,
        system=system,
        seconds=case.seconds,
        delay_ms_median=_median(delays),
        delay_ms_p95=float(np.percentile(delays, 95)) if len(delays) else float("nan"),
        delay_ms_worst=worst(found),
        delay_ms_start=_median(early),
        delay_ms_end=_median(found.delays_ms[(found.at_s >= case.seconds - START_S) & ~np.isnan(found.delays_ms)]),
        pesq_wb=_mean(qualities),
        pesq_wb_worst=min(qualities, default=float("nan")),
        plcmos=_mean(concealments),
        plcmos_worst=min(concealments, default=float("nan")),
        damaged=found.damaged,
        unfound=found.unfound,
        **more,
    )


def worst(found: Found) -> float:
    """Return the highest median delay of any 5 s with at least five windows found."""
    known = ~np.isnan(found.delays_ms)
    at_s, delays = found.at_s[known], found.delays_ms[known]
    highest = float("nan")
    for begin in np.arange(0.0, float(at_s[-1]) if len(at_s) else 0.0, 1.0):
        inside = delays[(at_s >= begin) & (at_s < begin + WORST_S)]
        if len(inside) >= 5:
            highest = float(np.nanmax([highest, np.median(inside)]))
    return highest


def plcmos(piece: Floats) -> float:
    """Return Microsoft's PLCMOS v2 of a piece at 16 kHz. The same raters judge every piece."""
    np.random.seed(1)  # noqa: NPY002  # speechmos draws its raters from the old generator
    return float(_judge().get_mos(np.clip(piece / 32768.0, -1.0, 1.0).astype(np.float32)))


@cache
def _judge() -> Any:
    import onnxruntime  # noqa: PLC0415  # its own threads are set before the session is made

    judge = PLCMOS(embed_rounds=_RATERS)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    judge.session = onnxruntime.InferenceSession(judge.model_path, options)
    return judge


def _pieces(source: Floats, loud: Any, sound: Floats, found: Found) -> Any:
    """Yield (source, heard) for each 9 s with speech, aligned for itself."""
    length = round(PIECE_S * RATE)
    shift = round(LOOKAHEAD_MS * RATE / 1000)
    for first in range(0, len(source) - length + 1, length):
        frames = loud[first * 100 // RATE : (first + length) * 100 // RATE]
        if frames.sum() / 100 < _LEAST_SPEECH_S:
            continue
        at = round(first + shift + found.median_lag(first / RATE, (first + length) / RATE))
        piece = np.zeros(length, np.float32)
        begin, end = max(at, 0), min(at + length, len(sound))
        if end > begin:
            piece[begin - at : end - at] = sound[begin:end]
        yield source[first : first + length], piece


def _at_16k(samples: Any) -> Floats:
    return np.asarray(soxr.resample(samples.astype(np.float32), OUT_RATE, RATE), np.float32)


def _median(values: Any) -> float:
    return float(np.median(values)) if len(values) else float("nan")


def _mean(values: list[float]) -> float:
    return float(np.mean(values)) if values else float("nan")
