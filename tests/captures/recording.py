"""A whole run of our own client through the real mitmdump: recorded once, for every test that reads it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from common.messages import AuthState, PeerState
from common.paths import CHECKOUT
from tests.e2e.pipeline import BIN, Control, Pipeline, pipeline
from tests.processes import Process, eventually

MITMPROXY = CHECKOUT / "var" / "mitmproxy"
"""Put there by `make setup-test`, so that no test downloads it."""
FENCE = Path(__file__).with_name("fence")


@dataclass(frozen=True)
class Recorded:
    """What one run left, and what the person saw."""

    folder: Path
    har: Path
    flows: Path
    shown: str
    violations: list[str]
    npsso: str
    tokens: list[str]


@contextmanager
def simulator(home: Path, start: Callable[..., Process]) -> Iterator[dict]:
    """Yield what a simulator that answers under Sony's names tells of itself."""
    info = home / "sim.json"
    start("simulator", home, None, "--info", str(info), "--tls", str(home / "sim.pem"))
    eventually(info.exists, "the simulator is up")
    yield json.loads(info.read_text())


@contextmanager
def capturing(home: Path, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """Yield a running `partyline capture start`; it is asked to end as by Ctrl-C, if it has not yet."""
    env = {**os.environ, "PARTYLINE_HOME": str(home)}
    command = [BIN / "partyline", "capture", "start", "--host", "127.0.0.1", *words]
    with (home / "shown").open("w") as out:
        process = subprocess.Popen(command, cwd=CHECKOUT, env=env, stdout=out, stderr=subprocess.STDOUT)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait(60)


def through(port: int, authority: Path) -> dict[str, str]:
    """Return the variables of a client that goes through the proxy, trusts its certificate, and goes nowhere else."""
    proxy = f"http://127.0.0.1:{port}"
    return {
        "PARTYLINE_PSN__REALM": "playstation",
        "PARTYLINE_ICE__STUN_SERVERS": "[]",
        "PARTYLINE_ICE__LOOPBACK": "true",
        "PARTYLINE_AUDIO__SINK": "null",
        "PARTYLINE_AUTH__STORE": "file",
        "HTTPS_PROXY": proxy,
        "WSS_PROXY": proxy,
        "SSL_CERT_FILE": str(authority),
        "PYTHONPATH": str(FENCE),
    }


def prepare(home: Path) -> Path:
    """Give `home` the mitmproxy of the checkout; return the folder of its certificate authority."""
    (home / "mitmproxy").symlink_to(MITMPROXY)
    authority = home / "mitmproxy-ca"
    authority.mkdir()
    return authority


def record(home: Path, start: Callable[..., Process], port: int) -> Recorded:
    """Log in, look at the parties, join, be heard by all, leave."""
    authority = prepare(home)
    (authority / "config.yaml").write_text(f"save_stream_file: {home}/run.mitm\nhardump: {home}/run.har\n")
    with simulator(home, start) as info:
        control = Control(info["control_url"])
        with capturing(home, "--rehearse", str(home / "sim.json"), "--port", str(port), "--name", "run") as capture:
            shown = home / "shown"
            eventually(lambda: "Ctrl-C ends the capture" in shown.read_text(), "mitmdump is up")
            with pipeline(through(port, authority / "mitmproxy-ca-cert.pem")) as made:
                _act(made, info)
                tokens = [f.read_text() for f in made.paths.secrets.iterdir()]
            capture.send_signal(signal.SIGINT)
            assert capture.wait(60) == 0, shown.read_text()
        violations = [item["reason"] for item in control.get("violations")]
    files = home / "captures" / "run", home / "run.har", home / "run.mitm"
    return Recorded(*files, shown.read_text(), violations, info["npsso"], tokens)


def _act(made: Pipeline, info: dict) -> None:
    made.start()
    eventually(lambda: made.state().one(AuthState), "auth is up", every_s=0.1)
    _well(made.partyline("login", "--npsso-file", "-", stdin=info["npsso"]))
    _well(made.partyline("parties"))
    _well(made.partyline("join", "https://party.playstation.com/" + info["party_link"].rpartition("/")[2]))
    eventually(lambda: _connected(made), "everybody is connected", every_s=0.1)
    _well(made.partyline("leave"))
    made.terminate(within_s=30)


def _well(done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode == 0, done.stderr


def _connected(made: Pipeline) -> bool:
    peers = made.state().all(PeerState)
    return len(peers) == 3 and all(peer.connection == "connected" for peer in peers)
