"""Proof that an OBS on another machine gets addresses that work there.

    python -m benchmarks.obs.elsewhere

A real OBS runs in a network namespace of its own, so that it reaches this machine at one address only, and 127.0.0.1 is
itself. `partyline obs setup --stream` is called with a dashboard for this machine only, and then with one for others.
Needs root, `ip` and Debian's OBS.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from functools import partial
from urllib.parse import urlsplit

import numpy as np

from benchmarks.machines.space import THERE, WITHIN, another_machine
from common.config.tables import ObsSettings
from common.messages import MIX_PEER, MIX_PLANE
from common.obs.connection import connect
from tests.cli.obs.studio import PASSWORD, Studio, studio
from tests.support.soundserver import RATE, SoundServer
from tests.support.waiting import eventually
from tests.workers.dashboard.stage import Playing, staged

SOURCE = "partyline stream"
NOT_RUNNING = 3
"""Exit code of a command whose worker does not answer."""


async def found(obs: Studio) -> tuple[str, float]:
    """Return the address in our source without its key, and the peak that OBS's meter shows of it in dBFS."""
    async with connect(ObsSettings(host=THERE, port=obs.port, password=PASSWORD), meters=True) as there:
        answer = await there.find("GetInputSettings", inputName=SOURCE)
        if answer is None:
            return "", -120.0
        address = urlsplit(str(answer["inputSettings"]["input"]))
        return f"{address.scheme}://{address.netloc}{address.path}", (await there.levels(1.0)).get(SOURCE, -120.0)


def set_up(env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    words = (sys.executable, "-m", "cli", "obs", "setup", "--stream")
    return subprocess.run(words, env={**os.environ, **env}, capture_output=True, text=True, timeout=60, check=False)


def answers(env: dict[str, str]) -> bool:
    return set_up(env).returncode != NOT_RUNNING


def main() -> None:
    tone = np.asarray(np.sin(np.arange(RATE) * 2 * np.pi * 440 / RATE) * 8000, np.int16)
    with another_machine(), SoundServer() as server:
        for listen in ("127.0.0.1", "0.0.0.0"):  # the second one is what is tried
            with (
                studio(server.env, within=WITHIN, host=THERE) as obs,
                staged(PARTYLINE_DASHBOARD__LISTEN=listen) as stage,
            ):
                env = {
                    "PARTYLINE_HOME": str(stage.paths.home),
                    "PARTYLINE_DASHBOARD__PORT": str(stage.settings.port),
                    "PARTYLINE_DASHBOARD__LISTEN": listen,
                    "PARTYLINE_OBS__HOST": THERE,
                    "PARTYLINE_OBS__PORT": str(obs.port),
                    "PARTYLINE_OBS__PASSWORD": PASSWORD,
                }
                worker = stage.start_worker("obs", env)
                playing = Playing(stage.paths.run, MIX_PLANE, MIX_PEER, tone)
                eventually(partial(answers, env), "the obs worker answers", every_s=0.5)
                done = set_up(env)
                print(f"[dashboard] listen {listen}: exit code {done.returncode}\n  {done.stdout}{done.stderr}")
                print("  address and peak in OBS:", asyncio.run(found(obs)), flush=True)
                playing.stop()
                worker.kill()


if __name__ == "__main__":
    main()
