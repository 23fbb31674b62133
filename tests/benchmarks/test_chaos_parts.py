"""The small parts by which faults are set off and figures are read, without a pipeline."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from benchmarks.chaos import __main__ as chaos
from benchmarks.chaos import acts, stage
from benchmarks.chaos.draw import Drawn
from benchmarks.chaos.kinds import BY_NAME, KINDS, MIX, WORKERS
from benchmarks.chaos.report import Window
from benchmarks.whole.soak import sample
from common.files.paths import CHECKOUT

linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
SCRIPT = """
import asyncio, socket, time, pathlib, sys

class Count(asyncio.DatagramProtocol):
    seen = 0
    def datagram_received(self, data, addr):
        Count.seen += 1

async def main():
    print(round(time.time() - time.clock_gettime(time.CLOCK_REALTIME)))
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(Count, ("127.0.0.1", 0))
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for _ in range(400):
        sock.sendto(b"x", transport.get_extra_info("sockname"))
        await asyncio.sleep(0)
    for _ in range(50):
        await asyncio.sleep(0.002)
    print(Count.seen)

asyncio.run(main())
"""


def ran(folder: Path, clock: str, loss: str) -> list[int]:
    (folder / "clock").write_text(clock)
    (folder / "loss").write_text(loss)
    env = {**os.environ, "PYTHONPATH": str(stage.SITE), "CHAOS_CLOCK": str(folder / "clock")}
    env["CHAOS_LOSS"] = str(folder / "loss")
    done = subprocess.run([sys.executable, "-c", SCRIPT], env=env, capture_output=True, text=True, check=True)
    return [int(word) for word in done.stdout.split()]


def test_a_worker_on_that_path_loses_datagrams_and_has_another_time(tmp_path: Path):
    assert ran(tmp_path, "0", "0") == [0, 400]
    off, seen = ran(tmp_path, "-3600", "0.3")
    assert off == -3600
    assert 200 < seen < 340


@linux
def test_the_udp_ports_of_a_process_and_its_figures_are_read():
    before = sample(os.getpid())
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        assert sock.getsockname()[1] in acts.udp_ports(os.getpid())
        assert sample(os.getpid())["descriptors"] == before["descriptors"] + 1
    assert 0 < before["dirty_mb"] <= before["rss_mb"]
    assert before["threads"] >= 1


def test_each_worker_of_the_conf_is_put_on_the_failing_disk(tmp_path: Path):
    conf = tmp_path / "supervisord.conf"
    conf.write_text((CHECKOUT / "supervisord.conf").read_text())
    stage._on_a_failing_disk(SimpleNamespace(folder=tmp_path), "ENOSPC", tmp_path)
    text = conf.read_text()
    for worker in WORKERS:
        assert f'" -m tests.disk.worker workers.{worker} ENOSPC {tmp_path}/full {tmp_path}/sites\n' in text


def test_every_kind_can_be_set_off():
    for kind in KINDS:
        known = kind.family in ("kill", "stop") and kind.what in WORKERS
        assert known or kind.family in ("server", "sound") or kind.name in acts._OTHERS


def test_the_report_names_what_is_wrong_and_counts_demanded_calls_apart():
    media = Drawn(BY_NAME["kill.media"], 0, 0.0, 0.0, 0.5)
    quiet = Window(faults=(), seconds=60, gaps={MIX: 0.1}, missing=1, concealed=2, calls=3)
    killed = Window(faults=(media,), seconds=20, gaps={MIX: 4.0}, missing=0, concealed=0, calls=40)
    text, wrong = chaos._report(5, [quiet, killed])
    assert not wrong
    assert "no fault demands: 3 in 60 s." in text
    assert "demands some: 40" in text
    stuck = Window(faults=(media,), seconds=20, gaps={}, missing=0, concealed=0, calls=0, wrong=["a is not heard"])
    text, wrong = chaos._report(5, [quiet, stuck])
    assert wrong
    assert "WRONG: kill.media: a is not heard" in text
    often = Window(faults=(), seconds=60, gaps={MIX: 0.1}, missing=0, concealed=0, calls=13)
    text, wrong = chaos._report(5, [often])
    assert wrong
    assert "TOO MANY" in text
