from __future__ import annotations

import errno
import ipaddress
import socket
from typing import Any, Self

import pytest

from common.system import local_network


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (OSError(errno.EHOSTUNREACH, "No route to host"), "EHOSTUNREACH"),
        (OSError(errno.EPERM, "Operation not permitted"), "EPERM"),
        (OSError(errno.EACCES, "Permission denied"), "EACCES"),
        (OSError(errno.ENETUNREACH, "no network at all"), ""),
        (OSError(errno.ENOBUFS, "a full queue"), ""),
        (None, ""),
    ],
)
def test_which_errors_are_a_refusal_of_the_system(error: OSError | None, name: str) -> None:
    assert local_network.refusal(error) == name


@pytest.mark.parametrize(
    ("own", "other"),
    [
        ("192.168.178.23", "192.168.178.1"),
        ("10.0.0.1", "10.0.0.2"),
        ("169.254.7.8", "169.254.7.1"),
        ("8.8.8.8", ""),
        ("127.0.0.1", ""),
        ("fe80::1", ""),
        ("", ""),
    ],
)
def test_a_neighbour_is_another_machine_of_a_private_network(own: str, other: str) -> None:
    assert local_network.neighbour(own) == other
    if other:
        assert ipaddress.ip_address(other) in ipaddress.ip_network(f"{own}/24", strict=False)


class Socket:
    """Keeps what is sent, or refuses it."""

    sent: list[tuple[bytes, Any]]
    error: OSError | None = None

    def __init__(self, *_: object) -> None: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...

    def sendto(self, data: bytes, address: Any) -> None:
        if Socket.error is not None:
            raise Socket.error
        Socket.sent.append((data, address))


@pytest.fixture
def sockets(monkeypatch: pytest.MonkeyPatch) -> type[Socket]:
    Socket.sent, Socket.error = [], None
    monkeypatch.setattr(local_network, "local_addresses", lambda: ["192.168.178.23", "2001:db8::7"])
    monkeypatch.setattr(local_network.socket, "socket", Socket)
    return Socket


def test_the_question_is_brought_up_by_one_empty_datagram_and_on_a_mac_only(sockets: type[Socket]) -> None:
    assert local_network.ask("linux") == ""
    assert sockets.sent == []
    assert local_network.ask("darwin") == "192.168.178.1"
    assert sockets.sent == [(b"", ("192.168.178.1", 9))]


def test_a_send_that_is_refused_is_no_failure(sockets: type[Socket]) -> None:
    sockets.error = OSError(errno.EHOSTUNREACH, "No route to host")
    assert local_network.ask("darwin") == ""


def test_without_a_network_nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(*_: object) -> socket.socket:
        raise OSError(errno.ENETUNREACH, "Network is unreachable")

    monkeypatch.setattr(local_network.socket, "socket", refuses)
    assert local_network.local_addresses() == []
    assert local_network.ask("darwin") == ""


def test_the_words_are_of_the_platform() -> None:
    assert "Privacy & Security" in local_network.remedy("darwin")
    assert "firewall" in local_network.remedy("linux")
    assert local_network.blocked_by("darwin") == "macOS"
