"""The XML-RPC client of a running supervisord. It blocks, so call it from a thread within asyncio."""

from __future__ import annotations

import http.client
import socket
import xmlrpc.client
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from xml.parsers.expat import ExpatError

from common.errors import SupervisorError
from common.run.programs import ELSEWHERE, WITHOUT_HEARTBEAT

PROBE_S = 2.0
"""Time limit of the question whether supervisord answers at all."""
CALL_S = 15.0
"""Time limit of a call. A stop waits for the worker's end, so this is more than `stopwaitsecs`."""
DOWN = frozenset({"STOPPED", "EXITED", "FATAL"})
_NOT_RUNNING_FAULT = 70
_ALREADY_STARTED_FAULT = 60
_SHUTTING_DOWN_FAULT = 6


class Unreachable(Exception):  # noqa: N818  # an answer, not an error: nobody listens there
    """No supervisord answers at that address."""


@dataclass(frozen=True)
class Process:
    """One program of the configuration."""

    name: str
    state: str
    """``RUNNING``, ``STARTING``, ``BACKOFF``, ``STOPPED``, ``EXITED``, ``FATAL``, …"""
    exit_status: int
    log: str
    priority: int = 999
    started_at: float = 0.0
    """Unix seconds."""
    spawn_error: str = ""
    """Why supervisord could not start it."""

    @property
    def finished(self) -> bool:
        """Whether it exited by itself since it has nothing to do here (the simulator, in the realm `playstation`)."""
        return self.state == "EXITED" and self.exit_status in (0, ELSEWHERE)


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        try:
            self.sock.connect(self._path)
        except BaseException:
            self.close()
            raise


class _Transport(xmlrpc.client.Transport):
    """XML-RPC over a UNIX socket or HTTP, with a time limit."""

    def __init__(self, url: str, timeout: float) -> None:
        super().__init__()
        self._url = url
        self._timeout = timeout
        self._open: http.client.HTTPConnection | None = None

    def make_connection(self, host: Any) -> http.client.HTTPConnection:
        del host
        if self._open is None:
            self._open = self._dial()
        return self._open

    def _dial(self) -> http.client.HTTPConnection:
        if self._url.startswith("unix://"):
            return _UnixConnection(self._url.removeprefix("unix://"), self._timeout)
        parts = urlsplit(self._url)
        return http.client.HTTPConnection(parts.hostname or "localhost", parts.port or 80, timeout=self._timeout)

    def close(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None


class Supervisor:
    """One running supervisord."""

    def __init__(self, url: str) -> None:
        self.url = url

    def _call(self, method: str, *arguments: Any, wait_s: float = CALL_S) -> Any:
        """Call `method`. Raises `Unreachable`, or `xmlrpc.client.Fault` with supervisord's refusal."""
        try:
            with xmlrpc.client.ServerProxy("http://localhost/RPC2", transport=_Transport(self.url, wait_s)) as proxy:
                return getattr(proxy.supervisor, method)(*arguments)
        except xmlrpc.client.Fault:
            raise
        except (OSError, http.client.HTTPException, xmlrpc.client.Error, ExpatError) as error:
            raise Unreachable(str(error)) from error

    def alive(self) -> bool:
        """Return whether a supervisord answers (also while it shuts down)."""
        return self._shuts_down() is not None

    def stopping(self) -> bool:
        """Return whether it is shutting down."""
        return self._shuts_down() is True

    def _shuts_down(self) -> bool | None:
        """Return whether it is shutting down, or None if no supervisord answers."""
        try:
            self._call("getState", wait_s=PROBE_S)
        except Unreachable:
            return None
        except xmlrpc.client.Fault as fault:
            return True if fault.faultCode == _SHUTTING_DOWN_FAULT else None
        return False

    def pid(self) -> int:
        """Return its process id, or 0 if it does not tell."""
        try:
            return int(self._call("getPID", wait_s=PROBE_S))
        except (Unreachable, xmlrpc.client.Fault):
            return 0

    def processes(self) -> list[Process]:
        """Return all programs in start order."""
        with self._plainly():
            config = {item["name"]: item for item in self._call("getAllConfigInfo")}
            infos = self._call("getAllProcessInfo")
        found = [
            Process(
                name=info["name"],
                state=info["statename"],
                exit_status=info["exitstatus"],
                log=info["stdout_logfile"],
                started_at=float(info["start"]),
                spawn_error=str(info.get("spawnerr", "")),
                priority=config.get(info["name"], {}).get("group_prio", 999),
            )
            for info in infos
        ]
        return sorted(found, key=lambda process: (process.priority, process.name))

    def stop(self, name: str) -> None:
        """Stop a program and wait for its end."""
        with self._plainly(tolerated=_NOT_RUNNING_FAULT):
            self._call("stopProcess", name, True)

    def start(self, name: str) -> None:
        """Start a program without waiting."""
        with self._plainly(tolerated=_ALREADY_STARTED_FAULT):
            self._call("startProcess", name, False)

    def restart(self, names: Sequence[str]) -> None:
        """Stop those programs in reverse start order, then start them in order."""
        ordered = [process.name for process in self.processes() if process.name in names]
        for name in reversed(ordered):
            self.stop(name)
        for name in ordered:
            self.start(name)

    def shutdown(self) -> None:
        """Ask it to stop everything and exit. This does not wait."""
        with self._plainly(tolerated=_SHUTTING_DOWN_FAULT):
            self._call("shutdown")

    def settle(self, is_here: Callable[[str], bool], running: Collection[str]) -> list[str]:
        """Restart what runs here and belongs to another machine, and what is at home here again. Return their names.

        `running`: the workers that hold their lock. What belongs elsewhere ends by itself at its start.
        """
        processes = self.processes()
        up = {one.name for one in processes if one.name in WITHOUT_HEARTBEAT and one.state == "RUNNING"}
        moved = [one.name for one in processes if one.name in up.union(running) and not is_here(one.name)]
        if back := [one.name for one in processes if one.exit_status == ELSEWHERE and one.finished]:
            moved += [name for name in back if is_here(name)]
            moved += [one.name for one in processes if one.name in WITHOUT_HEARTBEAT - up and is_here(one.name)]
        if moved:
            self.restart(moved)
        return moved

    @staticmethod
    def _plainly(tolerated: int = 0) -> _Plainly:
        return _Plainly(tolerated)


class _Plainly:
    """Turns supervisord's faults into a `SupervisorError`, except the fault for "already done"."""

    def __init__(self, tolerated: int) -> None:
        self._tolerated = tolerated

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if isinstance(error, xmlrpc.client.Fault):
            if error.faultCode == self._tolerated:
                return True
            raise SupervisorError(
                f"supervisord refused: {error.faultString}.", "See `partyline status`, then try again."
            ) from error
        if isinstance(error, Unreachable):
            raise SupervisorError(
                f"supervisord does not answer: {error}.", "It may be stopping: see `partyline status`, then try again."
            ) from error
        return False
