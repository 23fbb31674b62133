"""What OBS recorded: started, stopped, and read back from its file."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from common.config.tables import ObsSettings
from common.obs import connection
from tests.cli.obs.studio import PASSWORD, Studio
from tests.support.waiting import eventually

RATE = 48_000


@dataclass(frozen=True)
class Recorded:
    samples: NDArray[np.float32]
    """Mono, at `RATE`."""
    started_ns: int
    """Monotonic time at which OBS began, to within its start-up."""


def settings(obs: Studio) -> ObsSettings:
    return ObsSettings(port=obs.port, password=PASSWORD)


def ask(obs: Studio, request: str, **data: object) -> dict:
    async def call() -> dict:
        async with connection.connect(settings(obs)) as there:
            return await there.call(request, **data)

    with ThreadPoolExecutor(1) as elsewhere:  # a test that drives a browser has a loop running already
        return elsewhere.submit(lambda: asyncio.run(call())).result()


def record(obs: Studio, until: Callable[[], object], what: str, within_s: float = 120.0) -> Recorded:
    """Let OBS record until `until` holds, and return what it heard."""
    before = set(obs.recordings.iterdir())
    started_ns = time.monotonic_ns()  # OBS's own duration is of what is encoded, which lags by seconds
    ask(obs, "StartRecord")
    eventually(until, what, within_s=within_s, every_s=0.5)
    path = Path(ask(obs, "StopRecord")["outputPath"])
    eventually(lambda: not ask(obs, "GetRecordStatus")["outputActive"], "OBS has finished its file", every_s=0.1)
    assert path not in before
    return Recorded(_sound(path), started_ns)


def _sound(path: Path) -> NDArray[np.float32]:
    resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
    with av.open(str(path)) as container:
        frames = [made for frame in container.decode(audio=0) for made in resampler.resample(frame)]
    return np.concatenate([frame.to_ndarray().ravel() for frame in frames])
