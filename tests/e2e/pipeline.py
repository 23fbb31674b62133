"""A whole pipeline for a test: its own folder, its own supervisord, the real conf, the real simulator."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from common.bus import Bus
from common.errors import BusUnreachableError
from common.files.paths import CHECKOUT, Paths
from common.messages import Message
from tests.support.processes import free_port, short_folder
from tests.support.waiting import eventually

BIN = Path(sys.executable).parent


M = TypeVar("M", bound=Message)


class State:
    """The retained messages of one moment."""

    def __init__(self, messages: list[Message]) -> None:
        self._messages = messages

    def all(self, cls: type[M]) -> list[M]:
        return [message for message in self._messages if isinstance(message, cls)]

    def one(self, cls: type[M]) -> M | None:
        return next(iter(self.all(cls)), None)


class Pipeline:
    """A folder that looks like the checkout to supervisord, with a home of its own."""

    def __init__(self, folder: Path, env: dict[str, str]) -> None:
        self.folder = folder
        self.paths = Paths(folder / "var")
        self.paths.make()
        shutil.copy(CHECKOUT / "supervisord.conf", folder)
        (folder / ".venv").symlink_to(BIN.parent)
        clean = {key: value for key, value in os.environ.items() if not key.startswith(("PARTYLINE_", "SUPERVISOR_"))}
        port = str(free_port())  # several pipelines may run on one machine
        self.env = {**clean, "PARTYLINE_HOME": str(self.paths.home), "PARTYLINE_DASHBOARD__PORT": port, **env}
        self._supervisord: subprocess.Popen[bytes] | None = None

    # --- supervisord -----------------------------------------------------------------------------

    def start(self) -> None:
        self._supervisord = subprocess.Popen(
            [BIN / "supervisord", "-n", "-c", "supervisord.conf"],
            cwd=self.folder,
            env=self.env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def supervisorctl(self, *words: str) -> str:
        done = subprocess.run(
            [BIN / "supervisorctl", "-c", "supervisord.conf", *words],
            cwd=self.folder,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return done.stdout + done.stderr

    def pid(self, worker: str) -> int:
        """Return the worker's process id, 0 while it is not running."""
        words = self.supervisorctl("pid", worker).split()
        return int(words[0]) if words and words[0].isdigit() else 0

    def kill_9(self, worker: str) -> int:
        pid = self.pid(worker)
        os.kill(pid, signal.SIGKILL)
        return pid

    def terminate(self, within_s: float) -> int:
        """Send supervisord SIGTERM and return its exit code."""
        assert self._supervisord is not None
        self._supervisord.send_signal(signal.SIGTERM)
        return self._supervisord.wait(within_s)

    def end(self) -> None:
        if self._supervisord is not None and self._supervisord.poll() is None:
            try:
                self.terminate(30)
            except subprocess.TimeoutExpired:
                os.kill(self._supervisord.pid, signal.SIGKILL)

    # --- the command line ------------------------------------------------------------------------

    def partyline(self, *words: str, stdin: str = "", within_s: float = 90) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [BIN / "partyline", *words],
            cwd=self.folder,
            env=self.env,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=within_s,
            check=False,
        )

    def state(self) -> State:
        """Ask the broker what it retains, at the cost of one question."""
        return asyncio.run(self._state())

    async def _state(self) -> State:
        bus = Bus("test", self.paths.run)
        try:
            return State([got.message for got in await bus.snapshot(wait_s=1.0) if got.message is not None])
        except BusUnreachableError:
            return State([])
        finally:
            await bus.close()

    # --- what went wrong -------------------------------------------------------------------------

    def everything_logged(self) -> str:
        return "".join(path.read_text("utf-8", "replace") for path in self.paths.home.rglob("*.log*"))

    def logs(self) -> str:
        return "\n".join(
            f"--- {path.name}\n{path.read_text('utf-8', 'replace')[-3000:]}"
            for path in sorted(self.paths.log.glob("*"))
        )


class Control:
    """The simulator's control API."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")

    @classmethod
    def of(cls, info_file: Path) -> Control:
        eventually(info_file.exists, "the simulator tells its URLs")
        return cls(json.loads(info_file.read_text())["control_url"])

    def get(self, what: str) -> Any:
        with urllib.request.urlopen(f"{self._url}/{what}", timeout=10) as answer:
            return json.load(answer)

    def post(self, what: str, body: dict[str, Any] | None = None) -> Any:
        request = urllib.request.Request(
            f"{self._url}/{what}",
            data=json.dumps(body or {}).encode(),
            headers={"Content-Type": "application/json"},
            method="POST",
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)


@contextmanager
def pipeline(env: dict[str, str], kind: type[Pipeline] = Pipeline) -> Iterator[Pipeline]:
    """Yield a pipeline that is not started yet; it is stopped at the end, and its logs are shown on a failure."""
    with short_folder() as folder:
        made = kind(folder, env)
        try:
            yield made
        except BaseException:
            sys.stderr.write(made.logs())
            raise
        finally:
            made.end()
