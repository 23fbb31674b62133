"""Client of a console in its own process, by JSON lines."""

from __future__ import annotations

import asyncio
import base64
import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiortc.rtcdtlstransport import generate_certificate
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from benchmarks.stacks.conditions import Condition
from benchmarks.stacks.sound import Files
from benchmarks.stacks.stacks import Stack

REPLY_S = 20.0


class ConsoleError(RuntimeError):
    """The console reported a failure, or no longer replies."""


class CannotError(RuntimeError):
    """The stack cannot do what the condition needs. The message says why."""


@dataclass(frozen=True)
class CertificateFiles:
    """A certificate with its key, as files."""

    pem: Path
    key: Path
    der: bytes


def make_keys(kind: str, folder: Path) -> CertificateFiles:
    """Make a certificate: ``ecdsa-p256``, ``ecdsa-p384``, ``rsa-2048``."""
    key: Any
    if kind.startswith("rsa"):
        key = rsa.generate_private_key(65537, int(kind.partition("-")[2]))
    else:
        key = ec.generate_private_key(ec.SECP256R1() if kind.endswith("256") else ec.SECP384R1())
    certificate: x509.Certificate = generate_certificate(key)
    keys = CertificateFiles(folder / f"{kind}.pem", folder / f"{kind}.key", certificate.public_bytes(Encoding.DER))
    keys.pem.write_bytes(certificate.public_bytes(Encoding.PEM))
    keys.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return keys


class StackConsole:
    """One stack's console. Each `begin` ends the connection before it."""

    def __init__(self, stack: Stack, files: Files) -> None:
        self.stack = stack
        self._files = files
        self._process: asyncio.subprocess.Process | None = None
        self._keys: dict[str, CertificateFiles] = {}
        self._folder = files.folder / stack.name
        self._folder.mkdir(exist_ok=True)
        self._asking = asyncio.Lock()
        self.der = b""
        """The certificate that the latest description names."""

    async def begin(self, condition: Condition) -> None:
        """Prepare a connection. Raises `CannotError`."""
        keys = self._keys.get(condition.certificate)
        if keys is None:
            keys = await asyncio.to_thread(make_keys, condition.certificate, self._folder)
            self._keys[condition.certificate] = keys
        sound = {name: getattr(condition, name) for name in ("ptime", "stereo", "dtx", "red")}
        handed = {**sound, "red": condition.red and not self.stack.makes_red}
        packets = await asyncio.to_thread(lambda: self._files.packets(**handed))
        self.der = keys.der
        await self._ask(
            "begin",
            certificate=condition.certificate,
            pem=str(keys.pem),
            key=str(keys.key),
            packets=str(packets),
            raw=str(self._files.raw),
            lite=condition.lite,
            passive=not condition.offers and condition.setup == "passive",
            **sound,
        )

    async def offer(self, *, restart: bool = False) -> str:
        return self._description(await self._ask("offer", restart=restart))

    async def answer(self, sdp: str) -> str:
        return self._description(await self._ask("answer", sdp=sdp))

    async def accept(self, sdp: str) -> None:
        await self._ask("accept", sdp=sdp)

    async def state(self) -> dict[str, Any]:
        """Return ``state``, ``rtp``, ``reports``, ``lost``."""
        return await self._ask("state")

    async def end(self) -> None:
        """End the connection. A console that fails at it is restarted."""
        if self._process is not None:
            try:
                await self._ask("end")
            except ConsoleError:
                await self.close()

    async def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), 5)
        except TimeoutError:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    def _description(self, reply: dict[str, Any]) -> str:
        if reply.get("certificate"):
            self.der = base64.b64decode(reply["certificate"])
        return str(reply["sdp"])

    async def _ask(self, what: str, **more: Any) -> dict[str, Any]:
        async with self._asking:
            process = self._process or await self._start()
            assert process.stdin is not None
            assert process.stdout is not None
            try:
                process.stdin.write(json.dumps({"do": what, **more}).encode() + b"\n")
                line = await asyncio.wait_for(process.stdout.readline(), REPLY_S)
            except (TimeoutError, ConnectionError) as error:
                raise ConsoleError(f"the console did not reply to {what} ({type(error).__name__})") from error
        if not line:
            raise ConsoleError(f"the console ended at {what}")
        try:
            reply: dict[str, Any] = json.loads(line)
        except ValueError as error:  # the stack itself prints, or ends in the middle of it
            raise ConsoleError(f"the console replied to {what} with {line[:80]!r}") from error
        if reply.get("cannot"):
            raise CannotError(reply["cannot"])
        if reply.get("error"):
            raise ConsoleError(f"{what}: {reply['error']}")
        return reply

    async def _start(self) -> asyncio.subprocess.Process:
        with (self._files.folder / f"{self.stack.name}.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self.stack.command(self._files),
                cwd=self.stack.folder,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                limit=1 << 20,
            )
        return self._process
