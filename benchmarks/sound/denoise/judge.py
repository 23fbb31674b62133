"""Scores of one sentence: PESQ-WB and STOI against the clean voice, and DNSMOS, which needs none."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray

from benchmarks.receive.judge.quality import pesq_wb
from common.messages import SAMPLE_RATE

try:
    from pystoi import stoi
except ImportError as error:
    raise SystemExit(f"{error.name} is missing: call `make setup-bench` first.") from error

RATE = 16_000
_NEEDED = 144_160
"""Samples that the model of DNSMOS takes at once."""
_CURVES = (
    (-0.08397278, 1.22083953, 0.0052439),
    (-0.13166888, 1.60915514, -0.39604546),
    (-0.06766283, 1.11546468, 0.04602535),
)
"""From the model's raw answers to its scale, as in Microsoft's package `speechmos`."""


@dataclass(frozen=True)
class Scores:
    """`voice` and `background` of DNSMOS say how good each is; `overall` how good both are together. 1 to 5."""

    pesq: float
    stoi: float
    voice: float
    background: float
    overall: float


def scores(clean: NDArray[np.float32], heard: NDArray[np.float32]) -> Scores:
    """Return the scores of `heard`, which is aligned with `clean`. Both at `SAMPLE_RATE`."""
    said, got = (soxr.resample(sound.astype(np.float64), SAMPLE_RATE, RATE) for sound in (clean, heard))
    voice, background, overall = _dnsmos(got)
    return Scores(
        pesq_wb(np.clip(said * 32768, -32768, 32767), got * 32768),
        float(stoi(said, got, RATE, extended=False)),
        *(voice, background, overall),
    )


@cache
def _model() -> Any:
    """Return the session of DNSMOS's model, or None where speechmos or onnxruntime is not installed."""
    package = find_spec("speechmos")
    if package is None or not package.submodule_search_locations or find_spec("onnxruntime") is None:
        return None
    runtime: Any = importlib.import_module("onnxruntime")
    file = Path(package.submodule_search_locations[0]) / "dnsmos_models" / "sig_bak_ovr.onnx"
    options = runtime.SessionOptions()
    options.intra_op_num_threads = 1
    return runtime.InferenceSession(str(file), options)


def _dnsmos(sound: NDArray[np.float64]) -> tuple[float, float, float]:
    session = _model()
    if session is None:
        return float("nan"), float("nan"), float("nan")
    piece = np.resize(sound, _NEEDED).astype(np.float32)[np.newaxis]
    raw = session.run(None, {"input_1": piece})[0][0]
    voice, background, overall = (float(np.polyval(curve, value)) for curve, value in zip(_CURVES, raw, strict=True))
    return voice, background, overall
