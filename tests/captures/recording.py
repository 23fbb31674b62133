"""A whole run of our own client through the real mitmdump: recorded once, for every test that reads it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cli.capture.replay_client import running_workers
from common.bus import Bus
from common.errors import BusUnreachableError
from common.files.paths import CHECKOUT, Paths
from common.messages import Message, PeerState, PushState
from common.requests import JoinParty, LeaveParty, ListParties, SignIn
from tests.e2e.pipeline import BIN, Control
from tests.support.processes import Process
from tests.support.waiting import PATIENCE_S, eventually, until

MITMPROXY = CHECKOUT / "var" / "mitmproxy"
"""Put there by `make setup-test`, so that no test downloads it."""
LINK = "https://party.playstation.com/"
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
    raw = home / "secrets"  # what mitmproxy itself writes is full of them
    (authority / "config.yaml").write_text(f"save_stream_file: {raw}/run.mitm\nhardump: {raw}/run.har\n")
    with simulator(home, start) as info:
        control = Control(info["control_url"])
        with capturing(home, "--rehearse", str(home / "sim.json"), "--port", str(port), "--name", "run") as capture:
            shown = home / "shown"
            eventually(lambda: "Ctrl-C ends the capture" in shown.read_text(), "mitmdump is up")
            tokens = asyncio.run(_act(home / "client", through(port, authority / "mitmproxy-ca-cert.pem"), info))
            capture.send_signal(signal.SIGINT)
            assert capture.wait(60) == 0, shown.read_text()
        violations = [item["reason"] for item in control.get("violations")]
    files = home / "captures" / "run", raw / "run.har", raw / "run.mitm"
    return Recorded(*files, shown.read_text(), violations, info["npsso"], tokens)


async def _act(home: Path, variables: dict[str, str], info: dict) -> list[str]:
    """Do it with workers of our own; return what they keep as secrets."""
    paths = Paths(home)
    paths.make()
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("PARTYLINE_", "SUPERVISOR_"))}
    async with running_workers({**clean, **variables, "PARTYLINE_HOME": str(home)}, paths) as bus:
        await bus.request(SignIn(pasted=info["npsso"]), PATIENCE_S)
        await _until(bus, PushState, lambda found: bool(found) and found[0].connected)
        for request in (ListParties(), JoinParty(target=LINK + _cpss_id(info))):
            await bus.request(request, PATIENCE_S)
        await _until(bus, PeerState, lambda found: len(found) == 3 and all(p.connection == "connected" for p in found))
        await bus.request(LeaveParty(), PATIENCE_S)
    return [file.read_text() for file in paths.secrets.iterdir()]


def _cpss_id(info: dict) -> str:
    return info["party_link"].rpartition("/")[2]


async def _until(bus: Bus, kind: type[Message], fits: Callable[[list], bool]) -> None:
    async def so() -> bool:
        return fits(await _kept(bus, kind))

    await until(so, f"{kind.__name__} fits", every_s=0.1)


async def _kept(bus: Bus, kind: type[Message]) -> list:
    """Return what the broker retains of a kind; nothing while it is only starting."""
    try:
        return [got.message for got in await bus.snapshot(kind) if got.message is not None]
    except BusUnreachableError:
        return []
