"""What was played on real clocks and is not judged yet: files on the disk, so that judging does not disturb playing."""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.receive.judge.score import Heard
from benchmarks.receive.networks.case import NetworkCase
from benchmarks.receive.networks.rows.row import Row
from benchmarks.receive.networks.rows.store import RowStore
from benchmarks.receive.networks.seeds import Seed
from benchmarks.receive.play.offline import SPAWN

_NICE = 15


@dataclass(frozen=True)
class Played:
    """One connection of a batch."""

    case: NetworkCase
    system: str
    version: str
    heard: Heard
    began_ns: int
    late_ms: float


def folder(kept: RowStore) -> Path:
    return kept.path.with_suffix(".played")


def keep(played: Played, kept: RowStore) -> None:
    place = folder(kept)
    place.mkdir(parents=True, exist_ok=True)
    seed = played.case.seed
    np.savez(
        place / f"{played.case.name}-{played.system}.npz",
        samples=played.heard.samples,
        stamps_ns=played.heard.stamps_ns,
        began_ns=played.began_ns,
        late_ms=played.late_ms,
        words=np.array([seed.split, str(seed.index), str(seed.value), played.system, played.version]),
        case=np.array([played.case.loss_seed, played.case.seconds]),
    )


def has(case: NetworkCase, system: str, kept: RowStore) -> bool:
    return (folder(kept) / f"{case.name}-{system}.npz").exists()


def mark_all(kept: RowStore, jobs: int) -> None:
    """Judge all that waits. A file is deleted once its row is kept."""
    paths = sorted(folder(kept).glob("*.npz"))
    with ProcessPoolExecutor(jobs, mp_context=SPAWN, initializer=_humble) as pool:
        for path, row in zip(paths, pool.map(_mark, paths), strict=True):
            kept.add([row])
            path.unlink()
            print(f"{path.stem}: {row.kind}, delay {row.delay_ms_median:.0f} ms, PESQ {row.pesq_wb:.2f}", flush=True)


def _humble() -> None:
    os.nice(_NICE)


def _mark(path: Path) -> Row:
    from benchmarks.receive.networks.judge.marks import mark  # noqa: PLC0415  # playing needs no judges

    with np.load(path) as found:
        split, index, value, system, version = (str(word) for word in found["words"])
        seed = Seed("held-out" if split == "held-out" else "tuning", int(index), int(value))
        loss_seed, seconds = found["case"]
        heard = Heard(found["samples"], found["stamps_ns"])
        more = {"clock": "real", "version": version, "late_ms": float(found["late_ms"])}
        return mark(NetworkCase(seed, int(loss_seed), float(seconds)), system, heard, int(found["began_ns"]), **more)
