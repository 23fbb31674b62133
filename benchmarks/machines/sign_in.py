"""Sign-in from a paired machine and from a phone, over a cable of their own: who may, and what crosses the cable.

    python -m benchmarks.machines.sign_in [--save] [--screenshot FILE]

The spare runs here in the simulator's realm, against a network of its own that speaks PlayStation's protocol. The desk
and the phone are in another network namespace. All that crosses the cable, all logs and all of the bus are searched for
the NPSSO, the tokens and the name. Needs root and `ip`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from benchmarks.machines.security import RESULTS, Cable
from benchmarks.machines.space import HERE, WITHIN, another_machine
from common.bus import Bus
from common.bus.peers import keyring
from common.bus.peers.keyring import PairedMachine
from common.files.paths import Paths
from common.messages import AuthState
from tests.e2e.pipeline import Pipeline, pipeline
from tests.e2e.test_a_real_realm import environment
from tests.support.processes import Process, free_port, short_folder
from tests.support.waiting import eventually

PIECE = 12
"""Any so many characters of a secret in a row count as found."""


class SofaDesk:
    """The other machine, with a home of its own."""

    def __init__(self, home: Path) -> None:
        self.paths = Paths(home)
        self.paths.make()
        self.said = ""

    def partyline(self, *words: str, stdin: str = "") -> tuple[int, str]:
        env = {**os.environ, "PARTYLINE_HOME": str(self.paths.home)}
        done = subprocess.run(
            [*WITHIN, sys.executable, "-m", "cli", "--at", "spare", *words],
            input=stdin, capture_output=True, text=True, env=env, timeout=180, check=False,
        )  # fmt: skip
        self.said += done.stdout + done.stderr
        return done.returncode, (done.stderr or done.stdout).strip().splitlines()[0]


def paired(spare: Paths, desk: Paths, port: int) -> None:
    ours, theirs = keyring.loaded_or_new(spare), keyring.loaded_or_new(desk)
    keyring.save(
        spare, ours.adding(PairedMachine(name="desk", public=theirs.own.public, right="control", met_at=time.time()))
    )
    keyring.save(
        desk,
        theirs.adding(
            PairedMachine(name="spare", public=ours.own.public, address=f"{HERE}:{port}", met_at=time.time())
        ),
    )


def secrets_of(made: Pipeline, npsso: str) -> list[str]:
    """Return what must not be read anywhere: the NPSSO and the tokens that it brought."""
    found = [npsso]
    for file in made.paths.secrets.rglob("*.json"):
        found += re.findall(
            r'"(?:access_token|refresh_token|private)":"([^"]{20,})"', file.read_text().replace(" ", "")
        )
    return found


def pieces(secrets: list[str]) -> list[bytes]:
    return [one[at : at + PIECE].encode() for one in secrets for at in range(len(one) - PIECE)]


def leaks(data: bytes, secrets: list[str]) -> int:
    return sum(piece in data for piece in pieces(secrets))


def from_the_desk(made: Pipeline, desk: SofaDesk, npsso: str, bus: bytearray) -> dict[str, object]:
    figures: dict[str, object] = {}
    figures["without the right"] = desk.partyline("login", "--npsso-file", "-", stdin=npsso)
    figures["granted on the spare"] = made.partyline("peers", "desk", "--may-sign-in", "yes").stdout.strip()
    time.sleep(2.0)  # the gate looks each second
    error = '{"error":"invalid_grant","error_code":20}'
    figures["an error of the page"] = desk.partyline("login", "--npsso-file", "-", stdin=error)
    figures["a wrong NPSSO"] = desk.partyline("login", "--npsso-file", "-", stdin="n" * 64)
    began = time.monotonic()
    figures["the right NPSSO"] = desk.partyline("login", "--npsso-file", "-", stdin=npsso)
    figures["seconds, the switch of realms included"] = round(time.monotonic() - began, 1)
    eventually(lambda: (auth := made.state().one(AuthState)) and auth.realm == "playstation", "it is switched")
    bus += asyncio.run(everything(made))
    status = made.partyline("status").stdout
    figures["status of the spare"] = next((line for line in status.splitlines() if "signed in from" in line), status)
    figures["log of the spare"] = '"origin": "desk"' in made.everything_logged()
    figures["whoami from the desk"] = desk.partyline("whoami")
    return figures


async def everything(made: Pipeline) -> bytes:
    bus = Bus("look", made.paths.run)
    try:
        return b"".join(msgspec.json.encode(got.message) for got in await bus.snapshot() if got.message is not None)
    finally:
        await bus.close()


def by_phone(made: Pipeline, npsso: str, mode: str, screenshot: str) -> dict[str, object]:
    """Have the spare show a code, and the other machine use it. Return what both sides say."""
    waiting = subprocess.Popen(
        [sys.executable, "-m", "cli", "login", "--phone", "--address", HERE],
        env=made.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    said, url = "", ""
    assert waiting.stdout is not None
    for line in waiting.stdout:
        said += line
        if found := re.search(r"By hand: (\S+)", line):
            url = found[1]
            break
    words = [
        *WITHIN,
        sys.executable,
        "-m",
        "benchmarks.machines.parts.phone",
        mode,
        *([screenshot] if screenshot else []),
    ]
    phone = subprocess.run(words, input=f"{url}\n{npsso}\n", capture_output=True, text=True, timeout=240, check=False)
    if phone.returncode:
        waiting.kill()
        raise SystemExit(phone.stderr)
    rest, _ = waiting.communicate(timeout=120)
    code = url.partition("#")[2]
    return {
        "phone": json.loads(phone.stdout), "command": rest.strip().splitlines()[:4], "exit code": waiting.returncode,
        "fragment": code, "rows of the code": said.count("\n"),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--save", action="store_true", help="write the figures to benchmarks/results")
    parser.add_argument("--screenshot", default="", help="picture of the phone's page")
    arguments = parser.parse_args()
    port = free_port()
    with another_machine(), short_folder() as network, short_folder() as home:
        info = network / "network.json"
        simulator = Process("simulator", network, None, "--info", str(info))
        try:
            eventually(info.exists, "the network is up")
            server = json.loads(info.read_text())
            env = environment(server) | {
                "PARTYLINE_PEERS__PORT": str(port), "PARTYLINE_PEERS__LISTEN": HERE, "PARTYLINE_AUDIO__SINK": "null",
            }  # fmt: skip
            del env["PARTYLINE_PSN__REALM"]
            with pipeline(env) as made:
                figures = measured(made, SofaDesk(home), port, server["npsso"], arguments.screenshot)
        finally:
            simulator.kill()
    print(json.dumps(figures, indent=1, ensure_ascii=False))
    if arguments.save:
        day = datetime.now(UTC).date()
        (RESULTS / f"machines-sign-in-{day}.json").write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n")


def measured(made: Pipeline, desk: SofaDesk, port: int, npsso: str, screenshot: str) -> dict[str, object]:
    paired(made.paths, desk.paths, port)
    made.start()
    eventually(lambda: made.state().one(AuthState), "auth is up", every_s=0.2)
    cable, air, bus = Cable(), Cable(), bytearray()
    with cable.recording():
        desk_figures = from_the_desk(made, desk, npsso, bus)
        secrets = secrets_of(made, npsso)
        desk_figures["sign-out"] = desk.partyline("logout")
    with air.recording():
        phone = by_phone(made, npsso, "sign-in", screenshot)
    attack = by_phone(made, npsso, "attack", "")
    secrets = sorted({*secrets, *secrets_of(made, npsso)})
    auth = made.state().one(AuthState)
    name = auth.online_id if auth else ""
    fragment = str(phone.pop("fragment"))
    attack.pop("fragment")
    logged = made.everything_logged()
    everywhere = {
        "the desk's cable": bytes(cable.data),
        "the phone's cable": bytes(air.data),
        "logs of the spare": logged.encode(),
        "the bus": bytes(bus),
        "what the desk printed": desk.said.encode(),
    }
    return {
        "from a paired machine": desk_figures,
        "from a phone": phone,
        "attacks on the phone's page": attack,
        "secrets searched": len(secrets),
        "pieces of secrets found": {place: leaks(data, secrets) for place, data in everywhere.items()},
        "bytes searched": {place: len(data) for place, data in everywhere.items()},
        "name on the phone's cable": bool(name) and name.encode() in air.data,
        "fragment on the phone's cable": fragment[:PIECE].encode() in air.data,
        "control: the page is found on the phone's cable": b"this page of Sony" in air.data,
        "control: a greeting of ZeroMQ is found on the desk's cable": b"CURVE" in cable.data,
    }


if __name__ == "__main__":
    main()
