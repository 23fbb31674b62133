"""The pairing over TCP: one guest at a time, with limits on time, size and guesses."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from common.bus.peers.pairing import (
    LINE_BYTES,
    Guest,
    Host,
    HostCard,
    PairingError,
    WrongCodeError,
    refusal,
)
from common.errors import PartylineError

MOST_GUESSES = 3
"""Wrong codes until the pairing ends. With six digits, a guesser has three chances in a million each time that a person
asks for a code."""
SLOWER_S = 2.0
"""Wait after the first wrong code, twice as long after each further one."""
LINE_S = 10.0
"""Limit for the first line. A person has typed the code before the connection."""
PROGRAM_S = 3.0
"""Limit for the line that a program answers at once."""
WAIT_S = 30.0
"""How long a guest waits for a line: others may be before it, and wrong codes are slowed."""
CONNECT_S = 10.0


class GuestFound:
    """A machine that knew the code."""

    def __init__(self, name: str, public: str) -> None:
        self.name = name
        self.public = public


class PairingServer:
    """Waits for one guest that knows the code. `guesses` counts the wrong ones."""

    def __init__(self, code: str, name: str, card: HostCard) -> None:
        self._code = code
        self._name = name
        self._card = card
        self._turn = asyncio.Lock()
        self._found: asyncio.Future[GuestFound] = asyncio.get_running_loop().create_future()
        self.guesses = 0

    @contextlib.asynccontextmanager
    async def listening(self, host: str, port: int) -> AsyncIterator[None]:
        """Listen. Raises `PairingError` if that port cannot be opened."""
        try:
            server = await asyncio.start_server(self._serve, host, port, limit=LINE_BYTES)
        except OSError as error:
            raise PairingError(
                f"Port {port} cannot be opened: {error.strerror or error}.", "Set another `[peers] port`."
            ) from error
        try:
            yield
        finally:
            server.close()

    async def paired(self) -> GuestFound:
        """Return the guest. Raises `WrongCodeError` after `MOST_GUESSES` wrong codes."""
        return await asyncio.shield(self._found)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            hello = await _read(reader, LINE_S)  # before its turn: who says nothing keeps nobody waiting
            async with self._turn:  # side by side, guesses would cost no time
                if self._found.done():
                    writer.write(_line(refusal(PairingError("No machine is to be paired there now.", _ASK_AGAIN))))
                    return
                await self._try(hello, reader, writer)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, ValueError):
            pass  # who hangs up, says nothing, or sends a line without an end is no guess
        finally:
            with contextlib.suppress(OSError):
                await writer.drain()
            writer.close()

    async def _try(self, hello: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host = Host(self._code, self._name)
        try:
            answer, name = host.hello(hello)
            writer.write(_line(answer))
            card = host.read(await _read(reader, PROGRAM_S))
        except WrongCodeError as error:
            await self._wrong(writer, error)
        except PartylineError as error:
            writer.write(_line(refusal(error)))
        else:
            writer.write(_line(host.card(self._card)))
            await writer.drain()
            self._found.set_result(GuestFound(name, card.public))

    async def _wrong(self, writer: asyncio.StreamWriter, error: WrongCodeError) -> None:
        self.guesses += 1
        if self.guesses >= MOST_GUESSES:
            ended = WrongCodeError(f"{MOST_GUESSES} wrong codes were tried. The pairing has ended.", _ASK_AGAIN)
            self._found.set_exception(ended)
            writer.write(_line(refusal(ended)))
            return
        await asyncio.sleep(SLOWER_S * 2 ** (self.guesses - 1))
        writer.write(_line(refusal(error)))


_ASK_AGAIN = "Run `partyline pair` there again, for a new code."


async def pair(host: str, port: int, guest: Guest) -> tuple[HostCard, str]:
    """Pair with the machine at that address. Return its card and its name. Raises `PairingError`."""
    try:
        async with asyncio.timeout(CONNECT_S):
            reader, writer = await asyncio.open_connection(host, port, limit=LINE_BYTES)
    except (OSError, TimeoutError) as error:
        raise PairingError(
            f"{host}:{port} does not answer: {getattr(error, 'strerror', '') or error or 'no reply'}.",
            "Run `partyline pair` on that machine first. If it waits there already, look at its firewall.",
        ) from error
    try:
        writer.write(_line(guest.hello()))
        hello = await _read(reader, WAIT_S)
        writer.write(_line(guest.card(hello)))
        card = guest.read(await _read(reader, WAIT_S))
    except (OSError, TimeoutError, asyncio.IncompleteReadError, ValueError) as error:
        raise PairingError("The other machine ended the pairing.", "Try again.") from error
    finally:
        writer.close()
    return card, guest.host_name


def _line(text: bytes) -> bytes:
    return text + b"\n"


async def _read(reader: asyncio.StreamReader, limit_s: float) -> bytes:
    async with asyncio.timeout(limit_s):
        return await reader.readuntil(b"\n")
