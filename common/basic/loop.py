"""The event loop of workers and commands, with DNS lookups in separate threads and with a time limit.

asyncio resolves names in its few executor threads, which also write files and ask the keychain. A name server that does
not answer blocks each of them for half a minute. Here every lookup has its own daemon thread.
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
"""Time limit of a lookup, shorter than any connection's limit."""
MOST = 32
"""Concurrent lookups of different names. A hung lookup keeps its thread until the system gives up."""


class NameServerError(socket.gaierror):
    """No name server answered."""

    def __init__(self, host: object) -> None:
        super().__init__(socket.EAI_AGAIN, f"the name server does not answer ({host!r})")


class Loop(asyncio.SelectorEventLoop):
    """asyncio's selector loop with separate threads for lookups."""

    def __init__(self) -> None:
        super().__init__()
        self._lookups: dict[tuple[Any, ...], list[asyncio.Future[Any]]] = {}

    def run_in_executor(self, executor: Any, func: Callable[..., T], *args: Any) -> asyncio.Future[T]:  # type: ignore[override]
        """Run `func` in a thread. A lookup raises `NameServerError` after `LIMIT_S`."""
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
        except Exception as met:  # noqa: BLE001  # raised where it is awaited
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
    """Return whether `host` needs no name server."""
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
    """Return the DNS failure behind `error` in words, empty if there is none."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if isinstance(error, NameServerError):
            return f"the name server did not answer within {LIMIT_S:.0f} s"
        if isinstance(error, socket.gaierror):
            return "the name server does not know that name, or cannot be asked"
        error = error.__cause__ or error.__context__ or getattr(error, "os_error", None)
    return ""
