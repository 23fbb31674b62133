"""The event loop of workers and commands: names are looked up in threads of their own, and not for ever.

asyncio looks names up in the few threads that also write files and ask the keychain; a name server that does not answer
holds each for half a minute. Here a lookup has a thread that nobody else needs and that ends with the process.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
LIMIT_S = 5.0
"""A name server that has not answered by then is given up; shorter than any connection's limit."""
MOST = 32
"""Lookups of different names at once; each that hangs is a thread until the system gives it up."""


class NameServerError(socket.gaierror):
    """No name server answered."""

    def __init__(self, host: object) -> None:
        super().__init__(socket.EAI_AGAIN, f"the name server does not answer ({host!r})")


class Loop(asyncio.SelectorEventLoop):
    """asyncio's own, which gives lookups their own threads."""

    def __init__(self) -> None:
        super().__init__()
        self._lookups: dict[tuple[Any, ...], list[asyncio.Future[Any]]] = {}

    def run_in_executor(self, executor: Any, func: Callable[..., T], *args: Any) -> asyncio.Future[T]:  # type: ignore[override]
        """Run `func` in a thread; a lookup, whoever asks for it, raises `NameServerError` after `LIMIT_S`."""
        if executor is None and _is_lookup(func) and not _is_address(args[0]):
            return self._look_up(func, args)
        return super().run_in_executor(executor, func, *args)

    def _look_up(self, func: Callable[..., T], args: tuple[Any, ...]) -> asyncio.Future[T]:
        waits: asyncio.Future[T] = self.create_future()
        key = (func, *args)
        if key not in self._lookups:
            if len(self._lookups) >= MOST:
                waits.set_exception(NameServerError(args[0]))
                return waits
            self._lookups[key] = []
            threading.Thread(target=self._ask, args=(key,), name="lookup", daemon=True).start()
        self._lookups[key].append(waits)
        timer = self.call_later(LIMIT_S, _fail, waits, NameServerError(args[0]))
        waits.add_done_callback(lambda _: timer.cancel())
        return waits

    def _ask(self, key: tuple[Any, ...]) -> None:
        func, *args = key
        try:
            found, error = func(*args), None
        except Exception as met:  # noqa: BLE001  # it is raised where it is waited for
            found, error = None, met
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            self.call_soon_threadsafe(self._found, key, found, error)

    def _found(self, key: tuple[Any, ...], found: Any, error: Exception | None) -> None:
        for waits in self._lookups.pop(key, []):
            if error is not None:
                _fail(waits, error)
            elif not waits.done():
                waits.set_result(found)


def _is_lookup(func: Callable[..., Any]) -> bool:
    if getattr(func, "__func__", None) is asyncio.BaseEventLoop._getaddrinfo_debug:  # type: ignore[attr-defined]  # noqa: SLF001
        return True
    return func is socket.getaddrinfo or func is socket.gethostbyname


def _is_address(host: object) -> bool:
    """Return whether no name server is asked for that."""
    if host is None:
        return True
    try:
        ipaddress.ip_address(host.decode("ascii") if isinstance(host, bytes) else str(host))
    except ValueError:
        return False
    return True


def _fail(waits: asyncio.Future[Any], error: Exception) -> None:
    if not waits.done():
        waits.set_exception(error)


def run(job: Coroutine[Any, Any, T]) -> T:
    """Run `job` as `asyncio.run` does, on a `Loop`."""
    with asyncio.Runner(loop_factory=Loop) as runner:
        return runner.run(job)


def lookup_trouble(error: BaseException | None) -> str:
    """Return in words what a name server did, where that is behind `error`; else nothing."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if isinstance(error, NameServerError):
            return f"the name server did not answer within {LIMIT_S:.0f} s"
        if isinstance(error, socket.gaierror):
            return "the name server does not know that name, or cannot be asked"
        error = error.__cause__ or error.__context__ or getattr(error, "os_error", None)
    return ""
