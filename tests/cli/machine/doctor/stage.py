"""A machine for one fault: a home, programs of the system that lie, servers on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import dataclasses
import http.server
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import msgspec
from aioice import stun

from cli.machine.doctor.catalogue import CHECKS
from cli.machine.doctor.check import Check, CheckFinding
from cli.machine.doctor.examine import examine
from cli.machine.doctor.surroundings import Surroundings
from common.config.tables import Settings
from common.files.paths import CHECKOUT, Paths
from tests.support.processes import short_folder
from tests.support.waiting import eventually

MAC = "darwin"
LIMIT_S = 60
_NEW_MOUNTS, _NEW_NETWORK = 0x20000, 0x40000000
"""CLONE_NEWNS and CLONE_NEWNET of linux/sched.h."""


def with_table(table: str, **values: object) -> Settings:
    """Return the default settings with some of one table changed."""
    usual = Settings()
    return msgspec.structs.replace(usual, **{table: msgspec.structs.replace(getattr(usual, table), **values)})


class Stage:
    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder = folder
        self.stack = stack
        self.home = folder / "home"
        self.bin = folder / "bin"
        self.modules = folder / "modules"
        for place in (self.home, self.bin, self.modules):
            place.mkdir()
        self.paths = Paths(self.home)
        self.paths.make()
        for limit in ("surroundings.TOOL_S", "probes.software.IMPORTS_S", "probes.sound.LIST_S"):
            self.patch(f"cli.machine.doctor.{limit}", LIMIT_S)
        self.patch("cli.machine.doctor.probes.keychain.ANSWER_S", LIMIT_S)

    def around(self, **changes: Any) -> Surroundings:
        """Return surroundings in which the programs and modules of this stage come first."""
        environ = dict(os.environ) | {"PATH": f"{self.bin}:{os.environ['PATH']}", "PYTHONPATH": str(self.modules)}
        usual = {"paths": self.paths, "settings": Settings(), "environ": environ, "platform": "linux"}
        return Surroundings(**{**usual, "user": self.folder, "applications": self.folder / "Applications", **changes})

    def tool(self, name: str, script: str) -> None:
        """Put a program on PATH that runs `script` in a shell."""
        file = self.bin / name
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)

    def module(self, name: str, source: str) -> None:
        (self.modules / f"{name}.py").write_text(source)

    def environ(self, **values: str) -> None:
        self.stack.enter_context(mock.patch.dict(os.environ, values))

    def patch(self, target: str, value: object) -> None:
        self.stack.enter_context(mock.patch(target, value))

    # --- looking ------------------------------------------------------------------------------------

    def examine(self, check: str, **changes: Any) -> CheckFinding:
        """Run one check in this process."""
        (found,) = self.examine_all([one for one in CHECKS if one.id == check], **changes)
        return found

    def examine_all(self, checks: list[Check[Any]], **changes: Any) -> list[CheckFinding]:
        """Run checks with patience: a machine that runs many tests may be slow."""
        patient = [dataclasses.replace(check, wait_s=LIMIT_S) for check in checks]
        return asyncio.run(examine(patient, self.around(**changes)))

    def examine_until(self, check: str, severity: str) -> CheckFinding:
        """Run one check until it finds something of that severity."""
        seen: list[CheckFinding] = []

        def found() -> bool:
            seen.append(self.examine(check))
            return seen[-1].severity == severity

        eventually(found, f"{check} is of severity {severity}")
        return seen[-1]

    def apart(self, check: str, *before: str, **changes: Any) -> CheckFinding:
        """Run one check in network and mount namespaces of its own, after the shell's commands `before`.

        A thread has its own, and the threads and processes that it starts inherit them.
        """

        def inside() -> CheckFinding:
            if ctypes.CDLL(None, use_errno=True).unshare(_NEW_MOUNTS | _NEW_NETWORK):
                raise OSError(ctypes.get_errno(), "unshare")
            script = "\n".join(["mount --make-rprivate /", "ip link set lo up", *before])
            subprocess.run(["sh", "-ec", script], check=True)
            return self.examine(check, **changes)

        with ThreadPoolExecutor(1) as pool:
            return pool.submit(inside).result()

    def command(self, check: str, *before: str, **environ: str) -> CheckFinding:
        """Run `partyline doctor` for one check, after the shell's commands `before`, in namespaces of its own."""
        words = f"exec {sys.executable} -m cli doctor --json --only {check}"
        whole = {**os.environ, "PARTYLINE_HOME": str(self.home), **environ}
        done = subprocess.run(
            ["unshare", "-n", "-m", "sh", "-ec", "\n".join(["ip link set lo up", *before, words])],
            capture_output=True, text=True, cwd=CHECKOUT, env=whole, timeout=LIMIT_S, check=False,
        )  # fmt: skip
        assert done.stdout, done.stderr
        (found,) = json.loads(done.stdout)["findings"]
        return msgspec.convert(found, CheckFinding)

    # --- others -------------------------------------------------------------------------------------

    def process(self, words: list[str], ready: Callable[[], object], **environ: str) -> subprocess.Popen[bytes]:
        """Start a process that ends with the fault, and wait until it is `ready`."""
        clean = {key: value for key, value in os.environ.items() if not key.startswith(("PARTYLINE_", "SUPERVISOR_"))}
        process = subprocess.Popen(
            words, cwd=CHECKOUT, env={**clean, **environ}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self.stack.callback(process.wait)
        self.stack.callback(process.kill)
        eventually(ready, f"{words} is ready")
        return process

    def broker(self, home: Path) -> subprocess.Popen[bytes]:
        """Start a real worker, which nobody supervises."""
        words = [sys.executable, "-m", "workers.broker"]
        return self.process(words, (Paths(home).run / "broker.sock").exists, PARTYLINE_HOME=str(home))

    def listener(self) -> int:
        """Return a TCP port of loopback at which somebody listens."""
        sock = self.stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        return int(sock.getsockname()[1])

    def http_server(self, date: str, wrap: Callable[[socket.socket], socket.socket] = lambda sock: sock) -> str:
        """Return the authority of an HTTP server whose clock says `date`."""

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_HEAD(self) -> None:
                self.send_response_only(200)
                self.send_header("Date", date)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        class Server(http.server.ThreadingHTTPServer):
            def handle_error(self, *_: object) -> None:
                pass  # a client that refuses the certificate goes away

        server = Server(("127.0.0.1", 0), Handler)
        server.socket = wrap(server.socket)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        self.stack.callback(server.server_close)
        self.stack.callback(server.shutdown)
        return f"127.0.0.1:{server.server_address[1]}"

    def stun_server(
        self, ports: int = 0, other: tuple[str, int] | None = None, at: tuple[str, int] = ("127.0.0.1", 0)
    ) -> int:
        """Return the port of a STUN server that sees each client `ports` higher than it is, as a NAT would show it."""
        sock = self.stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        sock.bind(at)

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    data, client = sock.recvfrom(2048)
                    asked = stun.parse_message(data)
                    if "CHANGE-REQUEST" in asked.attributes:
                        continue  # as if a router let nothing in from elsewhere
                    seen = (client[0], client[1] + ports)
                    answer = stun.Message(asked.message_method, stun.Class.RESPONSE, asked.transaction_id)
                    answer.attributes["XOR-MAPPED-ADDRESS"] = seen
                    if other:
                        answer.attributes["OTHER-ADDRESS"] = other
                    sock.sendto(bytes(answer), client)

        threading.Thread(target=serve, daemon=True).start()
        return int(sock.getsockname()[1])


@contextmanager
def stage() -> Iterator[Stage]:
    with short_folder() as folder, ExitStack() as stack:
        yield Stage(folder, stack)
