"""The mitmdump addon of `partyline capture start`, which sends the flows of Sony's hosts to partyline through a pipe.

It runs in mitmproxy's own environment, so it imports no partyline code. It writes no file, since its records are full
of secrets. Partyline scrubs them at the other end, before anything is written to disk.
"""

from __future__ import annotations

import asyncio
import os
import re
import socket
import sys
import threading
import time

from mitmproxy import connection, ctx, http, tls
from mitmproxy.proxy.server_hooks import ServerConnectionHookData

sys.path.insert(0, os.path.dirname(__file__))  # noqa: PTH120  # as above: it is run as a script, from anywhere
from gate import Gate, forbidden  # type: ignore[import-not-found]
from records import Records  # type: ignore[import-not-found]

PIPE = int(os.environ["PARTYLINE_CAPTURE_PIPE"])
HOSTS = re.compile(os.environ["PARTYLINE_CAPTURE_HOSTS"], re.IGNORECASE)
REHEARSAL_PORT = int(os.environ.get("PARTYLINE_CAPTURE_REHEARSAL", "0"))
"""Port on this machine for Sony's names in a rehearsal, which blocks everything else. 0: it is not a rehearsal."""
PHONE = os.environ.get("PARTYLINE_CAPTURE_PHONE", "")
"""Address of the only device that is served, or "" for the first one."""
ONLY_HERE = "rehearsal: nothing leaves this machine"
_UNPACKED_HERE = ("br", "zstd")


class CaptureAddon:
    def __init__(self) -> None:
        self._records = Records(PIPE, _end)
        self._open: dict[str, http.HTTPFlow] = {}
        self._gate = Gate(PHONE)

    # --- mitmproxy's hooks --------------------------------------------------------------------------

    def running(self) -> None:
        self._records.start()
        threading.Thread(target=_wait_for_end, daemon=True).start()
        self._records.send("ready")

    def done(self) -> None:
        for flow in list(self._open.values()):
            self._exchange(flow)
        self._records.close()

    def requestheaders(self, flow: http.HTTPFlow) -> None:
        if self._wanted(flow):
            self._open[flow.id] = flow
            self._records.send("began", at=flow.request.timestamp_start)

    def response(self, flow: http.HTTPFlow) -> None:
        if flow.id in self._open:
            self._exchange(flow)

    error = response

    def websocket_message(self, flow: http.HTTPFlow) -> None:
        if self._wanted(flow):
            self._records.send("frame", id=flow.id, message=flow.websocket.messages[-1].get_state())

    def tls_failed_client(self, data: tls.TlsData) -> None:
        host = data.context.client.sni or ""
        if HOSTS.search(f"{host}:443"):
            self._records.send("refused", host=host, why=str(data.conn.error or ""))

    def client_connected(self, client: connection.Client) -> None:
        if self._gate.is_stranger(client.peername[0]):
            client.error = self._stranger(client)

    def _stranger(self, client: connection.Client) -> str:
        self._records.send("stranger", host=client.peername[0], phone=self._gate.phone)
        return "another device's capture"

    async def server_connect(self, data: ServerConnectionHookData) -> None:
        server: connection.Server = data.server
        host, port = server.address[0], server.address[1]
        if not self._gate.serves(data.client.peername[0]):
            server.error = self._stranger(data.client)
            return
        wanted = HOSTS.search(f"{host}:{port}")
        if not wanted:
            self._records.send("other")
        if REHEARSAL_PORT and wanted:
            server.address = ("127.0.0.1", REHEARSAL_PORT)
        elif REHEARSAL_PORT:
            server.error = ONLY_HERE
        else:
            server.error = await self._not_here(server, pinned=not wanted)

    async def _not_here(self, server: connection.Server, *, pinned: bool) -> str | None:
        """Return why that server must not be connected to, or None. `pinned`: use the address resolved here."""
        host, port = server.address[0], server.address[1]
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            return "no such host"
        addresses = [str(entry[4][0]) for entry in found]
        if address := forbidden(addresses):
            self._records.send("forbidden", host=host, address=address)
            return "this machine's own services are not for the phone"
        if pinned:
            server.address = (addresses[0], port)
        return None

    # --- to partyline -------------------------------------------------------------------------------

    def _wanted(self, flow: http.HTTPFlow) -> bool:
        return bool(HOSTS.search(f"{flow.request.pretty_host}:{flow.request.port}"))

    def _exchange(self, flow: http.HTTPFlow) -> None:
        del self._open[flow.id]
        state = flow.get_state()
        for name, message in (("request", flow.request), ("response", flow.response)):
            if message is not None and message.headers.get("content-encoding", "").strip() in _UNPACKED_HERE:
                state[name]["content"] = message.get_content(strict=False)
        kept = {name: state[name] for name in ("type", "version", "request", "response")}
        self._records.send("exchange", id=flow.id, flow=kept, now=time.time())


def _wait_for_end() -> None:
    sys.stdin.buffer.read()
    _end()


def _end() -> None:
    ctx.master.event_loop.call_soon_threadsafe(ctx.master.shutdown)


addons = [CaptureAddon()]
