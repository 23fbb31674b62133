"""The pages on another machine, by https and through the gate of a pairing: what its browser gets, what the wire holds.

    python -m benchmarks.machines.pages [--save] [--pictures FOLDER]

A headless Chromium runs in a network namespace, reached by a cable of its own. It opens the pages without trust, with
trust (NSS database), over http, and through `partyline --at spare dashboard`. The certificate is renewed and an address
added while it plays. All that crosses the cable is searched for keys, names and voices. Needs root, `ip`, `certutil`.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import json
import os
import shutil
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.machines.parts.far_browser import LISTEN_S, FarBrowser, browser
from benchmarks.machines.security import Cable
from benchmarks.machines.space import HERE, LINK, WITHIN, another_machine, pulled
from cli.shared.pages.far_dashboard import base_at
from common.bus import AudioSubscriber
from common.bus.peers import keyring
from common.bus.peers.curve import CurveKeys
from common.bus.peers.keyring import Keyring, PairedMachine
from common.config.https.certificate_store import current, load
from common.config.https.own_names import own_names
from common.config.pages import FAR_PORT, Keys, load_keys
from common.files.paths import Paths
from common.messages import PartyState, PeerState
from tests.e2e.pipeline import Pipeline, pipeline
from tests.support.processes import free_port
from tests.support.waiting import eventually

RESULTS = Path(__file__).parents[1] / "results"
DESK = CurveKeys.new()
NAME = "spare.local"
NEW_ADDRESS = "10.77.3.9"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--save", action="store_true", help="write the figures to benchmarks/results")
    parser.add_argument("--pictures", type=Path, default=Path(tempfile.gettempdir()) / "partyline-pages")
    arguments = parser.parse_args()
    arguments.pictures.mkdir(parents=True, exist_ok=True)
    gate = free_port()
    env = {
        "PARTYLINE_PEERS__PORT": str(gate),
        "PARTYLINE_PEERS__LISTEN": HERE,
        "PARTYLINE_AUDIO__SINK": "null",
        "PARTYLINE_DASHBOARD__LISTEN": "0.0.0.0",  # a cable of our own
    }
    with another_machine(), pipeline(env) as made, tempfile.TemporaryDirectory(prefix="partyline-desk-") as folder:
        desk = Paths(Path(folder))
        pair(made, desk, gate)
        made.start()
        eventually(lambda: sum(one.connection == "connected" for one in made.state().all(PeerState)) >= 2, "heard", 90)
        figures = measured(made, desk, arguments.pictures)
    print(json.dumps(figures, indent=1))
    if arguments.save:
        day = dt.datetime.now(dt.UTC).date()
        (RESULTS / f"machines-pages-{day}.json").write_text(json.dumps(figures, indent=1) + "\n")


def pair(made: Pipeline, desk: Paths, gate: int) -> None:
    """Let the two homes know each other, as `partyline pair` does."""
    desk.make()
    made.paths.make()
    ring = keyring.loaded_or_new(made.paths)
    keyring.save(made.paths, ring.adding(PairedMachine(name="desk", public=DESK.public, right="control", met_at=0.0)))
    spare = PairedMachine(name=NAME, public=ring.own.public, address=f"{HERE}:{gate}", met_at=0.0)
    keyring.save(desk, Keyring(own=DESK, peers=(spare,)))


def measured(made: Pipeline, desk: Paths, pictures: Path) -> dict[str, Any]:
    port, keys = int(made.env["PARTYLINE_DASHBOARD__PORT"]), load_keys(made.paths)
    https, http = f"https://{HERE}:{port}", f"http://{HERE}:{port}"
    figures: dict[str, Any] = {}
    cable = Cable()
    local = AudioSubscriber(made.paths.run)
    with browser(desk, NAME) as engine:
        seen = FarBrowser(engine, pictures)
        figures["without trust"] = seen.refused("without-trust", f"{https}/?key={keys.full}")
        figures["over http"] = seen.opened("over-http", http)
    trust(made, desk)
    with cable.recording(), browser(desk, NAME) as engine:
        seen = FarBrowser(engine, pictures)
        for page, key in (("", keys.full), ("overlay", keys.read), ("start", keys.full), ("dock", keys.full)):
            figures[f"https /{page}"] = seen.opened(f"https-{page or 'dashboard'}", f"{https}/{page}?key={key}")
        with seen.playing("https-obs-audio", https, keys) as sound:
            voices = loud_pieces(local)
        figures["https /obs-audio"] = sound
        with seen.playing("renewed", https, keys) as sound:
            figures["renewed after s"] = renewed(made, port)
        figures["https /obs-audio while the certificate is renewed"] = sound
        with far_dashboard(desk) as theirs:
            base = base_at(FAR_PORT)
            figures["paired /"] = seen.opened("paired-dashboard", f"{base}/?key={theirs.full}")
            figures["paired /overlay"] = seen.opened("paired-overlay", f"{base}/overlay?key={theirs.read}")
            with seen.playing("paired-obs-audio", base, theirs) as sound:
                pass
            figures["paired /obs-audio"] = sound
    figures["wire"] = searched(cable, made, (keys, theirs), voices)
    local.close()
    with browser(desk, NAME) as engine, far_dashboard(desk) as theirs:
        for name, fault in (("cable pulled for 10 s", cable_out), ("kill -9 of the gate", lambda: gate_out(made))):
            with FarBrowser(engine, pictures).playing(f"paired-{name[:5]}", base, theirs) as sound:
                fault()
            figures[f"paired /obs-audio after: {name}"] = sound
    figures["a new address is in the certificate after s"] = readdressed(port)
    in_the_clear = Cable()
    with in_the_clear.recording(), browser(desk, NAME) as engine:
        figures["a key over http"] = FarBrowser(engine, pictures).opened("key-over-http", f"{http}/?key={keys.full}")
    figures["a key over http"] |= {
        "control: the search finds it on the wire": keys.full.encode() in in_the_clear.data,
        "it is void": load_keys(made.paths).full != keys.full,
    }
    return figures


def trust(made: Pipeline, desk: Paths) -> None:
    """Have the other machine's user trust the certificate, with the words of the certificate's page."""
    store = desk.home / ".pki" / "nssdb"
    store.mkdir(parents=True)
    certificate = made.paths.home / "partyline.crt"
    for words in (
        ("certutil", "-d", f"sql:{store}", "-N", "--empty-password"),
        ("certutil", "-d", f"sql:{store}", "-A", "-t", "C,,", "-n", "partyline", "-i", str(certificate)),
    ):
        subprocess.run(words, check=True)


def cable_out() -> None:
    with pulled():
        time.sleep(10)
    time.sleep(8)


def gate_out(made: Pipeline) -> None:
    made.kill_9("gate")
    time.sleep(10)


@contextlib.contextmanager
def far_dashboard(desk: Paths) -> Iterator[Keys]:
    """Run `partyline --at spare dashboard` on the other machine. Yield the keys that it prints."""
    words = (*WITHIN, sys.executable, "-u", "-m", "cli", "--at", "spare", "dashboard", "--print")
    running = subprocess.Popen(
        words, env={**os.environ, "PARTYLINE_HOME": str(desk.home)}, stdout=subprocess.PIPE, text=True
    )
    try:
        found: dict[str, str] = {}
        assert running.stdout is not None
        for line in running.stdout:
            if "Ctrl-C" in line:
                break
            address, _, key = line.partition("?key=")
            found[address.rpartition("/")[2]] = key.strip()
        yield Keys(full=found[""], read=found["overlay"])
    finally:
        running.terminate()
        running.wait(20)


def loud_pieces(local: AudioSubscriber) -> list[bytes]:
    """Return pieces of voices that are heard now."""
    until, heard = time.monotonic() + LISTEN_S, list[bytes]()
    while time.monotonic() < until:
        heard += [samples for frame, samples in local.receive(100) if frame.sounding and samples]
    pieces = [samples[at : at + 24] for samples in heard for at in range(0, len(samples) - 24, 96)]
    return [piece for piece in pieces if len(set(piece)) > 12][:4000]


def served(port: int) -> str:
    return ssl.get_server_certificate((HERE, port))


def renewed(made: Pipeline, port: int) -> float:
    """Renew the certificate as on a day 70 days from now. Return the seconds until new connections get it."""
    before, began = served(port), time.monotonic()
    current(made.paths, own_names("0.0.0.0"), dt.datetime.now(dt.UTC) + dt.timedelta(days=70))
    eventually(lambda: served(port) != before, "the new one is served", 40, every_s=0.2)
    return round(time.monotonic() - began, 1)


def readdressed(port: int) -> float:
    """Give this machine another address. Return the seconds until the certificate has it."""
    before, began = served(port), time.monotonic()
    subprocess.run(("ip", "addr", "add", f"{NEW_ADDRESS}/24", "dev", LINK), check=True)
    eventually(lambda: served(port) != before, "the new one is served", 40, every_s=0.2)
    return round(time.monotonic() - began, 1)


def searched(cable: Cable, made: Pipeline, keys: tuple[Keys, ...], voices: list[bytes]) -> dict[str, Any]:
    party, kept = made.state().one(PartyState), load(made.paths)
    assert party is not None
    assert kept is not None
    names = [text for one in party.members for text in (one.online_id, one.account_id) if text]
    secret = {*names, *(key for one in keys for key in (one.full, one.read))}
    return {
        "bytes on the cable": len(cable.data),
        "names and keys searched": len(secret),
        "found": len([text for text in secret if text.encode() in cable.data]),
        "pieces of voices searched": len(voices),
        "pieces found": sum(piece in cable.data for piece in voices),
    }


if __name__ == "__main__":
    if shutil.which("certutil") is None:
        sys.exit("certutil is missing: install libnss3-tools.")
    main()
