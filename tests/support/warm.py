"""Processes that start quickly: forked from one that has imported the libraries, and none of our own modules.

Most of what a suite of real processes costs is the same imports again and again. What is forked is a process like
any other: it has its own environment, folder, output and exit code, imports our modules anew and runs one of them as
``python -m`` does. Linux only: elsewhere a fork after such imports is not safe.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import threading
import time
from functools import cache
from pathlib import Path
from typing import Any

LIBRARIES = ("aiohttp.web", "aiohttp_socks", "aiortc", "av", "certifi", "httpx", "keyring", "msgspec", "numpy",
             "prometheus_client", "socketio", "soxr", "stamina", "structlog", "tomlkit", "xmlrpc.client",
             "zmq.asyncio")  # fmt: skip
EVERY_S = 0.01
STANDARD = (1, 2, 0)
"""Output, errors and input of a process, in the order in which an order brings their descriptors."""


class Forked:
    """What `subprocess.Popen` has, of a process that `Nursery` forked."""

    def __init__(self, nursery: Nursery, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._nursery = nursery

    def poll(self) -> int | None:
        if self.returncode is None:
            self.returncode = self._nursery.ask({"poll": self.pid})
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        deadline = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if deadline is not None and time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0.0)
            time.sleep(EVERY_S)
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class Nursery:
    """The process that forks, and the only one that may wait for what it forked. Ends with us."""

    def __init__(self) -> None:
        self._ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._lock = threading.Lock()
        with theirs:
            self._process = subprocess.Popen([sys.executable, "-m", "tests.support.warm"], stdin=theirs)
        atexit.register(self.close)

    def start(
        self, module: str, arguments: tuple[str, ...], env: dict[str, str], output: int, errors: int, typed: int
    ) -> Forked:
        """Run `module` in this folder; `output`, `errors` and `typed`: file descriptors for its standard files."""
        order = {"argv": [module, *arguments], "env": env, "folder": str(Path.cwd())}
        return Forked(self, self.ask(order, output, errors, typed))

    def ask(self, question: dict[str, Any], *descriptors: int) -> Any:
        with self._lock:
            socket.send_fds(self._ours, [json.dumps(question).encode()], descriptors)
            return json.loads(self._ours.recv(1000))

    def close(self) -> None:
        self._ours.close()
        self._process.wait()


@cache
def nursery() -> Nursery:
    """Return the one of this process."""
    return Nursery()


def can_fork(env: dict[str, str]) -> bool:
    """Tell whether a process with these variables on top would be the same if it were forked."""
    return sys.platform == "linux" and not any(name.startswith(("PYTHON", "SSL_", "LD_")) for name in env)


def _receive(channel: socket.socket) -> tuple[dict[str, Any] | None, list[int]]:
    data, descriptors, _, _ = socket.recv_fds(channel, 1 << 20, len(STANDARD))
    return (json.loads(data) if data else None), descriptors


def _poll(pid: int) -> int | None:
    found, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if found else None


def _serve() -> dict[str, Any] | None:
    """Fork until nobody asks any more; return an order in the process that is to carry it out, None in our own."""
    with socket.socket(fileno=os.dup(0)) as channel:
        while True:
            order, descriptors = _receive(channel)
            if order is None:
                return None
            if "poll" in order:
                channel.send(json.dumps(_poll(order["poll"])).encode())
                continue
            if (pid := os.fork()) == 0:
                for descriptor, standard in zip(descriptors, STANDARD, strict=True):
                    os.dup2(descriptor, standard)
                    os.close(descriptor)
                return order
            for descriptor in descriptors:
                os.close(descriptor)
            channel.send(json.dumps(pid).encode())


def _main() -> None:
    for library in LIBRARIES:
        importlib.import_module(library)
    gc.freeze()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the tests, which end what they started
    order = _serve()
    if order is None:
        return
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(order["env"])
    os.chdir(order["folder"])
    nice = os.nice  # tests run side by side: a worker that yields to all of them misses the simulator's time limits
    os.nice = lambda increment: nice(min(increment, 0))
    sys.path[0] = order["folder"]
    sys.argv = order["argv"]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _main()
