"""Benchmark of the game that is lowered in a real OBS while somebody speaks, measured in OBS's own recording.

    python -m benchmarks.whole.obs_ducking [--seconds 30] [--json FILE]

The game is a steady tone of 300 Hz in a Media Source. The voice is noise above 2 kHz in bursts of 2 s, on a sound
device that OBS captures. Once OBS's compressor lowers the game (sidechain), and once the obs worker moves a gain
filter by `Ducking`. Both are set up by the worker. A Media Source stands in for the Browser Source, which Debian's OBS
lacks.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfiltfilt

from common.basic.clock import boot_s
from common.config.tables import ObsSettings
from common.messages import Ducking, ObsState
from common.obs.connection import ObsConnection, connect
from common.requests import SetUpObs
from tests.cli.obs.obs_proxy import browser_sources
from tests.cli.obs.studio import PASSWORD, studio
from tests.common.psn.rig import Rig, rig
from tests.support.made import BO, ME, health, party
from tests.support.processes import free_port, short_folder
from tests.support.soundserver import SINK, SoundServer

RATE = 48_000
GAME_HZ, GAME_DB, VOICE_DB = 300.0, -20.0, -18.0
BURST_S, PAUSE_S = 2.0, 3.0
SETTLED_S = 0.5
"""What is measured of a burst begins so long after its start, and ends so long before its end."""
TAIL_S = 1.5
"""What is measured of a pause begins so long after the burst, when the compressor has released."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--json", type=Path, help="also write the result there")
    arguments = parser.parse_args()
    rows = []
    with SoundServer() as server, studio(server.env) as obs, short_folder() as home:
        for way in ("sidechain", "volume"):
            (home / way).mkdir()
            (home / way).chmod(0o700)
            rows.append(asyncio.run(_run(home / way, server, obs.port, way, arguments.seconds)))
    for row in rows:
        print("  ".join(f"{key} {value}" for key, value in row.items()))
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1) + "\n")


async def _run(home: Path, server: SoundServer, obs_port: int, way: str, seconds: float) -> dict[str, Any]:
    game, voice = home / "game.wav", home / "voice.wav"
    _write(game, 10 ** (GAME_DB / 20) * np.sin(2 * np.pi * GAME_HZ * np.arange(10 * RATE) / RATE))
    _write(voice, _noise())
    port = free_port()
    env = {
        "PARTYLINE_OBS__PORT": str(port),
        "PARTYLINE_OBS__PASSWORD": PASSWORD,
        "PARTYLINE_DASHBOARD__PORT": str(free_port()),
    }
    async with browser_sources(obs_port, port), rig(home) as made:
        made.up("broker")
        made.up("obs", env=env)
        # straight to OBS: the game is a real Media Source
        async with connect(ObsSettings(port=obs_port, password=PASSWORD)) as obs:
            await _prepare(obs, game)
            made.bus.publish(party(ME, BO))
            await made.bus.request(_request(way), 30.0)
            state = await made.until(
                lambda: (now := made.now(ObsState)) and now.connected and now.ducked_by and now, "it is set up"
            )
            assert isinstance(state, ObsState)
            assert state.ducked_by == way, state
            bursts, started, file = await _record(made, obs, server, voice, seconds)
            await obs.call("RemoveInput", inputName="Game")
    sound = _read(file)
    return {"way": way, **_measure(sound, [(begin - started, end - started) for begin, end in bursts])}


def _request(way: str) -> SetUpObs:
    if way == "sidechain":
        return SetUpObs(route="device", device=SINK, overlay=False, duck=True, duck_source="Game")
    return SetUpObs(route="each", overlay=False, duck=True, duck_source="Game")


async def _prepare(obs: ObsConnection, game: Path) -> None:
    await obs.call("SetInputMute", inputName="Desktop Audio", inputMuted=True)
    await obs.call(
        "CreateInput",
        sceneName="Scene",
        inputName="Game",
        inputKind="ffmpeg_source",
        inputSettings={"local_file": str(game), "looping": True, "is_local_file": True},
    )


async def _record(
    made: Rig, obs: ObsConnection, server: SoundServer, voice: Path, seconds: float
) -> tuple[list[tuple[float, float]], float, Path]:
    """Let OBS record bursts. Return their beginnings and ends, when OBS began (monotonic seconds), and its file."""
    await obs.call("StartRecord")
    started, bursts = time.monotonic(), []
    await asyncio.sleep(3)
    while time.monotonic() - started < seconds:
        begin = time.monotonic()
        made.bus.publish(health("audio", beat_s=boot_s()))
        playing = await asyncio.create_subprocess_exec("paplay", "-d", SINK, str(voice), env=server.environment())
        await asyncio.sleep(0.2)  # what the party's own ducking decides takes two tenths
        made.bus.publish(Ducking(active=True, at=time.time()))
        await playing.wait()
        bursts.append((begin, time.monotonic()))
        made.bus.publish(Ducking(active=False, at=time.time()))
        made.bus.publish(health("audio", beat_s=boot_s()))
        await asyncio.sleep(PAUSE_S)
    file = Path((await obs.call("StopRecord"))["outputPath"])
    while (await obs.call("GetRecordStatus"))["outputActive"]:  # noqa: ASYNC110  # OBS tells by being asked
        await asyncio.sleep(0.1)
    return bursts, started, file


def _measure(sound: NDArray[np.float32], bursts: list[tuple[float, float]]) -> dict[str, Any]:
    """Return the game's level in dBFS in the pauses and while somebody speaks, and how quickly it moves."""
    level = _level_db(sound, bursts)
    shift = _shift_s(sound, bursts)
    loud, low, attack, release = [], [], [], []
    for begin, end in bursts:
        at, to = begin + shift, end + shift
        low.append(_mean(level, at + SETTLED_S, to - SETTLED_S))
        loud.append(_mean(level, to + TAIL_S, to + PAUSE_S - 0.3))
        attack.append(_until_s(level, at, lambda db: db < loud[-1] - 0.8 * (loud[-1] - low[-1])))
        release.append(_until_s(level, to, lambda db: db > loud[-1] - 0.2 * (loud[-1] - low[-1])))
    return {
        "bursts": len(bursts),
        "game_db": round(float(np.median(loud)), 1),
        "lowered_db": round(float(np.median(low)), 1),
        "by_db": round(float(np.median(np.subtract(loud, low))), 1),
        "least_by_db": round(float(np.min(np.subtract(loud, low))), 1),
        "down_in_s": round(float(np.median(attack)), 2),
        "back_in_s": round(float(np.median(release)), 2),
    }


STEP = RATE // 100


def _level_db(sound: NDArray[np.float32], _bursts: list[tuple[float, float]]) -> NDArray[np.float64]:
    """Return the game's level each 10 ms: the voice lies above 2 kHz."""
    game = sosfiltfilt(butter(4, [200, 450], "bandpass", fs=RATE, output="sos"), sound)
    blocks = game[: len(game) // STEP * STEP].reshape(-1, STEP)
    peaks = np.sqrt(2 * np.mean(np.square(blocks), axis=1))
    return np.asarray(20 * np.log10(np.maximum(peaks, 1e-6)))


def _shift_s(sound: NDArray[np.float32], bursts: list[tuple[float, float]]) -> float:
    """Return how much later than the first burst began it is heard in the recording."""
    voice = sosfiltfilt(butter(4, 2000, "highpass", fs=RATE, output="sos"), sound)
    blocks = np.abs(voice[: len(voice) // STEP * STEP].reshape(-1, STEP)).max(axis=1)
    heard = np.flatnonzero(blocks > 10 ** ((VOICE_DB - 12) / 20))
    return float(heard[0]) * STEP / RATE - bursts[0][0] if len(heard) else 0.0


def _mean(level: NDArray[np.float64], begin_s: float, end_s: float) -> float:
    return float(np.mean(level[int(begin_s * 100) : int(end_s * 100)]))


def _until_s(level: NDArray[np.float64], begin_s: float, holds: Callable[[float], bool]) -> float:
    begin = int(begin_s * 100)
    return next((number / 100 for number, db in enumerate(level[begin:]) if holds(db)), float("nan"))


def _noise() -> NDArray[np.float64]:
    noise = np.random.default_rng(1).standard_normal(int(BURST_S * RATE))
    high = sosfiltfilt(butter(4, 2500, "highpass", fs=RATE, output="sos"), noise)
    return np.asarray(np.clip(high / np.abs(high).max() * 4, -1, 1) * 10 ** (VOICE_DB / 20))


def _write(file: Path, samples: NDArray[np.float64]) -> None:
    with wave.open(str(file), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(np.round(samples * 32767).astype("<i2").tobytes())


def _read(file: Path) -> NDArray[np.float32]:
    resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
    with av.open(str(file)) as container:
        frames = [made for frame in container.decode(audio=0) for made in resampler.resample(frame)]
    return np.concatenate([frame.to_ndarray().ravel() for frame in frames])


if __name__ == "__main__":
    main()
