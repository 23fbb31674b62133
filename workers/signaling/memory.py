"""What signaling must still know after a kill -9: its push server, and how far it has counted. No secrets."""

from __future__ import annotations

from pathlib import Path

import msgspec
import structlog

from common.paths import write_atomically
from workers.signaling.link import KeepAlive, Server

RESERVED = 256
"""Numbers reserved by one write: after a kill some are skipped, none is used twice."""


class Memory(msgspec.Struct, frozen=True, kw_only=True):
    place: str = ""
    """Keeps the realms and servers apart."""
    account_id: str = ""
    fqdn: str = ""
    protocol: str = ""
    interval_s: float = 60.0
    timeout_s: float = 30.0
    kind: int = 0
    """The status type that these were asked for."""
    next_number: int = 1
    """`global_seq_num` that was never used yet."""


class MemoryFile:
    """Keeps the `Memory` in a file that is always whole."""

    def __init__(self, path: Path, place: str) -> None:
        self._path = path
        self._log = structlog.get_logger("signaling")
        kept = self._load()
        self._now = kept if kept.place == place else Memory(place=place, next_number=kept.next_number)
        self._number = self._now.next_number

    def server(self) -> Server | None:
        """Return the push server of the last run, if there was one."""
        if not self._now.fqdn:
            return None
        return Server(self._now.fqdn, KeepAlive(self._now.interval_s, self._now.timeout_s), self._now.kind)

    @property
    def place(self) -> str:
        return self._now.place

    @property
    def account_id(self) -> str:
        return self._now.account_id

    @property
    def protocol(self) -> str:
        return self._now.protocol

    def opened(self, server: Server, protocol: str, account_id: str) -> None:
        self._keep(
            msgspec.structs.replace(
                self._now,
                fqdn=server.fqdn,
                protocol=protocol,
                account_id=account_id,
                interval_s=server.keep_alive.interval_s,
                timeout_s=server.keep_alive.timeout_s,
                kind=server.kind,
            )
        )

    def number(self) -> int:
        """Return the next `global_seq_num`: greater than any before, also those of earlier runs."""
        number = self._number
        if number >= self._now.next_number:
            self._keep(msgspec.structs.replace(self._now, next_number=number + RESERVED))
        self._number = number + 1
        return number

    def _keep(self, memory: Memory) -> None:
        if memory == self._now:
            return
        self._now = memory
        try:
            write_atomically(self._path, msgspec.json.encode(memory))
        except OSError as error:
            self._log.warning("the push server cannot be remembered over a restart", error=str(error))

    def _load(self) -> Memory:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=Memory)
        except FileNotFoundError:
            return Memory()
        except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
            self._log.warning("what was remembered of the push server cannot be read", error=str(error))
            return Memory()
