"""Proxies and certificates of the environment: obeyed, or named in a sentence; never a crash, never a password told."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest

from common.psn import errors
from common.psn.http import environment
from common.psn.http.client import Call, PsnClient
from common.psn.http.environment import exempt, proxy_for, ssl_context
from common.psn.http.sessions import CONNECTION_FAULTS, session
from tests.common.psn.http.server import Tokens, settings, source

VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "ws_proxy", "wss_proxy")
WORLD = "https://ca.account.sony.com/x"
GET = Call("GET", "account", "/x", signed=False)


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*VARIABLES, *map(str.upper, VARIABLES), "SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE"):
        monkeypatch.delenv(name, raising=False)
    environment._context.cache_clear()  # files change under it here


@dataclass
class Box:
    """A proxy that takes note of what it is asked for, and refuses it."""

    port: int = 0
    asked: list[bytes] = field(default_factory=list)

    async def speak(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            if (first := await reader.readexactly(1)) == b"\x05":
                await reader.readexactly((await reader.readexactly(1))[0])
                writer.write(b"\x05\x00")
                head = await reader.readexactly(5)  # version, command, 0, kind 3 (a name), its length
                self.asked.append(head[3:4] + await reader.readexactly(head[4] + 2))
                writer.write(b"\x05\x02\x00\x01\x00\x00\x00\x00\x00\x00")  # not allowed
            else:
                self.asked.append(first + await reader.readuntil(b"\r\n\r\n"))
                writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
        writer.close()


@pytest.fixture
async def box() -> AsyncIterator[Box]:
    made = Box()
    async with await asyncio.start_server(made.speak, "127.0.0.1", 0) as server:
        made.port = server.sockets[0].getsockname()[1]
        yield made


@contextlib.asynccontextmanager
async def client_to(url: str, home: Path) -> AsyncIterator[PsnClient]:
    made = settings(url, retries=1, backoff_max_s=0.05)
    client = PsnClient(made.psn, source(made, home), Tokens())
    try:
        yield client
    finally:
        await client.close()


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("scheme", ["socks5", "socks5h", "socks", "http"])
async def test_calls_and_the_push_channel_go_through_the_same_proxy(
    box: Box, home: Path, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    monkeypatch.setenv("ALL_PROXY", f"{scheme}://127.0.0.1:{box.port}/")
    async with client_to("https://ca.account.sony.invalid", home) as client:
        with pytest.raises(errors.UnreachableError, match="through the proxy of ALL_PROXY"):
            await client.call(GET)
    async with session("wss://push.playstation.invalid/x") as http:
        with pytest.raises(CONNECTION_FAULTS):
            await http.ws_connect("wss://push.playstation.invalid/x")
    assert len(box.asked) == 2
    assert b"ca.account.sony.invalid" in box.asked[0]
    assert b"push.playstation.invalid" in box.asked[1]
    gc.collect()  # httpcore leaves a connection that a SOCKS proxy refused to the collector


async def test_loopback_never_has_a_proxy(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks4://nobody")
    assert proxy_for(f"http://127.0.0.1:{box.port}/") is None
    assert proxy_for("wss://[::1]:9/") is None


@pytest.mark.parametrize(
    ("variables", "named", "says"),
    [
        ({"ALL_PROXY": "socks4://127.0.0.1:1"}, "ALL_PROXY", "socks4"),
        ({"https_proxy": "ftp://127.0.0.1"}, "https_proxy", "ftp"),
        ({"HTTPS_PROXY": "http://user:hunter2@host:port"}, "HTTPS_PROXY", "no address"),
        ({"HTTPS_PROXY": "http://user:hunter2@[::1"}, "HTTPS_PROXY", "no address"),
        ({"HTTPS_PROXY": "http://"}, "HTTPS_PROXY", "no address"),
        ({"SSL_CERT_FILE": "/gone/cacert.pem"}, "SSL_CERT_FILE", "not there"),
        ({"SSL_CERT_FILE": "/etc/hostname"}, "SSL_CERT_FILE", "no certificates"),
        ({"SSL_CERT_DIR": "/gone"}, "SSL_CERT_DIR", "not there"),
        ({"SSLKEYLOGFILE": "/gone/keys.log"}, "SSLKEYLOGFILE", "cannot be written"),
    ],
)
async def test_a_variable_that_cannot_be_used_is_named_and_no_call_is_counted(
    home: Path, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], named: str, says: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    async with client_to("https://ca.account.sony.invalid", home) as client:
        with pytest.raises(errors.NoWayOutError) as caught:
            await client.call(GET)
        assert client.calls == 0
    assert f"${named} " in caught.value.message
    assert says in caught.value.message
    assert named in caught.value.remedy
    assert "hunter2" not in caught.value.message + caught.value.remedy
    with pytest.raises(errors.NoWayOutError):
        session("wss://push.playstation.invalid/x")


async def test_a_variable_that_does_not_count_may_hold_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks4://127.0.0.1:1")
    monkeypatch.setenv("HTTPS_PROXY", "127.0.0.1:7890")
    found = proxy_for(WORLD)
    assert found is not None
    assert (found.url, found.named_by) == ("http://127.0.0.1:7890", "HTTPS_PROXY")
    monkeypatch.setenv("NO_PROXY", "fe80::/10,[::1],.sony.com")
    assert proxy_for(WORLD) is None
    assert proxy_for("https://m.np.playstation.com/") == found


@pytest.mark.parametrize(
    "no_proxy", ["fe80::/10", "[::1]", "[fd00::]:80", "::1", "10.0.0.0/99", "*.", "[", "a b,;c", ""]
)
async def test_no_form_of_no_proxy_keeps_calls_from_the_proxy(
    box: Box, home: Path, monkeypatch: pytest.MonkeyPatch, no_proxy: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{box.port}")
    monkeypatch.setenv("NO_PROXY", no_proxy)
    async with client_to("https://ca.account.sony.invalid", home) as client:
        with pytest.raises(errors.UnreachableError):
            await client.call(GET)
    assert len(box.asked) == 1


@pytest.mark.parametrize(
    ("host", "no_proxy", "expected"),
    [
        ("m.np.playstation.com", "playstation.com", True),
        ("m.np.playstation.com", ".PlayStation.com:443", True),
        ("m.np.playstation.com", "*.playstation.com", True),
        ("m.np.playstation.com", "localhost *", True),
        ("m.np.playstation.com", "station.com,m.np", False),
        ("10.1.2.3", "10.0.0.0/8", True),
        ("10.1.2.3", "10.1.2.3:8080", True),
        ("11.1.2.3", "10.0.0.0/8,fe80::/10", False),
        ("fe80::7", "fe80::/10", True),
        ("fd00::7", "[fd00::7]", True),
        ("fd00::7", "[fd00::7]:443", True),
    ],
)
def test_every_form_of_no_proxy_is_read(host: str, no_proxy: str, expected: bool) -> None:
    assert exempt(host, no_proxy) is expected


def test_a_password_in_a_proxys_address_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "http://user:hunter2@127.0.0.1:1")
    assert "hunter2" not in repr(proxy_for(WORLD))


def test_servers_are_checked_with_certificates_that_are_there() -> None:
    context = ssl_context()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.cert_store_stats()["x509_ca"] > 50


async def test_a_netrc_that_cannot_be_read_is_not_read(
    box: Box, home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password hunter2 nonsense\n")
    monkeypatch.setenv("NETRC", str(netrc))
    async with session("http://127.0.0.1/") as http:
        with contextlib.suppress(aiohttp.ClientError):
            await http.get(f"http://127.0.0.1:{box.port}/")
    async with client_to(f"http://127.0.0.1:{box.port}", home) as client:
        with pytest.raises(errors.PsnError):
            await client.call(GET)
    assert len(box.asked) == 2
    assert all(b"uthorization" not in asked for asked in box.asked)
