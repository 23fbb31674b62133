"""Benchmark of noise suppression on noisy speech: quality, added delay, and CPU for 1 and 15 talkers.

    python -m benchmarks.sound.denoise [--snr 0,5,10,20] [--noises fan,keyboard] [--engines rnnoise] [--json FILE]

Speech is a reader and a speaker of Debian's pocketsphinx-testdata, and one of the simulator's voices, 10 s of each.
Each noise is added at each ratio (dB, of the whole signals). Needs `make setup-bench`. `engines.py` says what the
candidates need. DNSMOS is judged where `speechmos` (`pip install --no-deps speechmos`) and `onnxruntime` are installed.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
import wave
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import soxr

from benchmarks.sound.denoise.engines import ENGINES, Engine, Frame, MissingError
from benchmarks.sound.denoise.judge import Scores, scores
from benchmarks.sound.denoise.noises import NOISES, noise
from common.messages import FRAME_SAMPLES, SAMPLE_RATE
from simulator.consoles import voices

SECONDS = 10
LEVEL_DB = -26.0
"""RMS of each voice against full scale, as ITU-T P.56 has it."""
TALKERS = 15
_DATA = Path("/usr/share/pocketsphinx/test/data")
_RAW = "noisy"


@dataclass(frozen=True)
class Cost:
    """CPU per frame of 10 ms in ms (mean, p99), that of `TALKERS` in % of a core, added delay in samples."""

    engine: str
    frame_ms: float
    p99_ms: float
    core_percent: float
    delay: int


@dataclass(frozen=True)
class Row:
    engine: str
    noise: str
    snr_db: float
    voice: str
    scores: Scores


def speech() -> dict[str, Frame]:
    """Return `SECONDS` of each voice at `SAMPLE_RATE`."""
    found = {"simulated": np.concatenate([voices.load(name) for name in voices.of_speaker("anna")]), **_recorded()}
    out = {}
    for name, samples in found.items():
        sound = np.resize(soxr.resample(samples / 32768, voices.RATE, SAMPLE_RATE), SECONDS * SAMPLE_RATE)
        out[name] = (sound / np.sqrt(np.mean(sound**2)) * 10 ** (LEVEL_DB / 20)).astype(np.float32)
    return out


def _recorded() -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.int16]]]:
    if not _DATA.exists():
        raise SystemExit("The recorded voices are missing: call `make setup-test` first.")
    found = {}
    for name, pattern in {"reader": "librivox/*.wav", "speaker": "cards/*.wav"}.items():
        parts = []
        for path in sorted(_DATA.glob(pattern)):
            with wave.open(str(path)) as file:
                parts.append(np.frombuffer(file.readframes(file.getnframes()), "<i2"))
        found[name] = np.concatenate(parts)
    return found


def run(engine: Engine, sound: Frame) -> Frame:
    return np.concatenate([engine(frame) for frame in sound.reshape(-1, FRAME_SAMPLES)])


def shifted(sound: Frame, delay: int) -> Frame:
    return np.concatenate((sound[delay:], np.zeros(delay, np.float32)))


def cost(name: str, make: Callable[[], Engine], clean: Frame) -> Cost:
    engine, times = make(), []
    sound = clean + noise("fan", len(clean)) * np.float32(10 ** ((LEVEL_DB - 20) / 20))
    heard = np.zeros_like(sound)
    for at in range(0, len(sound), FRAME_SAMPLES):
        began = time.thread_time()
        heard[at : at + FRAME_SAMPLES] = engine(sound[at : at + FRAME_SAMPLES])
        times.append((time.thread_time() - began) * 1000)
    spectrum = np.fft.rfft(heard, 2 * len(heard)) * np.conj(np.fft.rfft(clean, 2 * len(clean)))
    delay = int(np.argmax(np.fft.irfft(spectrum)[: SAMPLE_RATE // 5]))
    mean = statistics.fmean(times)
    return Cost(name, mean, float(np.percentile(times, 99)), mean * TALKERS * 10, delay)


def judge(name: str, make: Callable[[], Engine] | None, delay: int, plan: argparse.Namespace) -> list[Row]:
    rows = []
    for voice, clean in speech().items():
        if voice not in plan.voices:
            continue
        for kind in plan.noises:
            for snr_db in plan.snr:
                heard = clean + noise(kind, len(clean)) * np.float32(10 ** ((LEVEL_DB - snr_db) / 20))
                if make is not None:
                    lead = heard[: 2 * SAMPLE_RATE]  # what is heard is judged once the engine knows the noise
                    heard = shifted(run(make(), np.concatenate((lead, heard))), len(lead) + delay)[: len(clean)]
                rows.append(Row(name, kind, snr_db, voice, scores(clean, np.clip(heard, -1, 1))))
    return rows


def table(rows: Sequence[Row], key: Callable[[Row], object]) -> str:
    """Return the means by engine and `key`, as Markdown."""
    lines = [
        "| | engine | PESQ-WB | STOI | DNSMOS voice | background | overall |",
        "|---|---|--:|--:|--:|--:|--:|",
    ]
    groups = dict.fromkeys((key(row), row.engine) for row in rows)
    for group in sorted(groups, key=lambda found: str(found[0])):
        of_group = [row.scores for row in rows if (key(row), row.engine) == group]
        means = [statistics.fmean(asdict(score)[field] for score in of_group) for field in asdict(of_group[0])]
        lines.append(f"| {group[0]} | {group[1]} | " + " | ".join(f"{value:.2f}" for value in means) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--snr", type=lambda text: [float(part) for part in text.split(",")], default=[0, 5, 10, 20])
    parser.add_argument("--noises", type=lambda text: text.split(","), default=list(NOISES), help=", ".join(NOISES))
    parser.add_argument("--voices", type=lambda text: text.split(","), default=list(speech()))
    parser.add_argument("--engines", type=lambda text: text.split(","), default=list(ENGINES))
    parser.add_argument("--json", type=Path, help="also write the rows there")
    plan = parser.parse_args()
    costs: list[Cost] = []
    rows = judge(_RAW, None, 0, plan)
    for name in plan.engines:
        try:
            costs.append(cost(name, ENGINES[name], speech()["reader"]))
        except MissingError as error:
            print(f"{name}: the package {error} is not installed.")
            continue
        rows += judge(name, ENGINES[name], costs[-1].delay, plan)
        print(f"{name}: done", flush=True)
    print(f"\n| engine | CPU a frame, ms | p99 | {TALKERS} talkers, % of a core | added delay, ms |")
    print("|---|--:|--:|--:|--:|")
    for found in costs:
        cells = (f"{found.frame_ms:.3f}", f"{found.p99_ms:.3f}", f"{found.core_percent:.0f}")
        print(f"| {found.engine} | {' | '.join(cells)} | {found.delay / SAMPLE_RATE * 1000:.1f} |")
    print("\n" + table(rows, lambda _row: "all") + "\n\n" + table(rows, lambda row: row.noise))
    print("\n" + table(rows, lambda row: f"{row.snr_db:02.0f} dB"))
    if plan.json:
        everything = {"costs": [asdict(found) for found in costs], "rows": [asdict(row) for row in rows]}
        plan.json.write_text(json.dumps(everything, indent=1) + "\n")


if __name__ == "__main__":
    main()
