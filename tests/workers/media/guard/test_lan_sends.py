"""A machine that lets nothing out into its local network: macOS' Local Network privacy, or a firewall."""

from __future__ import annotations

import asyncio
import errno
import subprocess
import sys
import textwrap
from typing import Any

import pytest
from aioice import stun

from common.files.paths import CHECKOUT
from workers.media.guard.diagnosis import ConnectionFacts, diagnose, unreachable_problem
from workers.media.guard.filtered import GuardedProtocol
from workers.media.guard.lan_sends import ENOUGH, LanSends, is_in_lan
from workers.media.guard.moves import GuardedConnection

REFUSED = OSError(errno.EHOSTUNREACH, "No route to host")
LAN, WORLD = "192.168.178.20", "8.8.8.8"


@pytest.mark.parametrize("address", [LAN, "10.1.2.3", "172.16.0.1", "169.254.3.4", "fe80::1", "fd00::1", "fe80::1%en0"])
def test_private_and_link_local_addresses_are_in_the_lan(address: str) -> None:
    assert is_in_lan(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "127.0.0.1", "::1", "2606:4700::1111", "console.local", ""])
def test_others_are_not(address: str) -> None:
    assert not is_in_lan(address)


def test_some_refusals_in_a_row_are_a_block_until_a_send_gets_through() -> None:
    sends = LanSends()
    for _ in range(ENOUGH - 1):
        sends.record(LAN, REFUSED)
    assert sends.refused_by == ""
    sends.record(WORLD, None)  # the Internet goes on
    sends.record(LAN, REFUSED)
    assert sends.refused_by == "EHOSTUNREACH"
    sends.record(WORLD, None)
    assert sends.refused_by == "EHOSTUNREACH"
    sends.record(LAN, None)
    assert sends.refused_by == ""


def test_other_errors_and_other_networks_are_none() -> None:
    sends = LanSends()
    for _ in range(2 * ENOUGH):
        sends.record(WORLD, REFUSED)
        sends.record(LAN, OSError(errno.ENETUNREACH, "no network"))
    assert sends.refused_by == ""


class Transport(asyncio.DatagramTransport):
    """Refuses like asyncio's: by `error_received`, before `sendto` returns."""

    def __init__(self, protocol: GuardedProtocol) -> None:
        super().__init__()
        self.protocol, self.refuses = protocol, True

    def sendto(self, _: Any, addr: Any = None) -> None:
        if self.refuses and addr[0] == LAN:
            self.protocol.error_received(REFUSED)


async def test_what_asyncio_reports_counts_for_the_address_of_the_send() -> None:
    connection = GuardedConnection(ice_controlling=True)
    protocol = GuardedProtocol(connection)
    transport = Transport(protocol)
    protocol.connection_made(transport)
    request = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
    for _ in range(ENOUGH):
        protocol.send_stun(request, (WORLD, 9))
        protocol.send_stun(request, (LAN, 9))
    assert connection.lan.refused_by == "EHOSTUNREACH"
    transport.refuses = False
    await protocol.send_data(b"x", (WORLD, 9))
    assert connection.lan.refused_by == "EHOSTUNREACH"
    await protocol.send_data(b"x", (LAN, 9))
    assert connection.lan.refused_by == ""


def test_it_is_named_as_the_cause_unless_the_other_side_replied() -> None:
    pairs = ("host IPv4 private to host IPv4 private: failed",)
    seconds = {"described": 0.1, "ice": 0.2, "ended": 15.0}

    def facts(**more: Any) -> ConnectionFacts:
        more = {"lan_refused_by": "EPERM", **more}
        return ConnectionFacts(ours=True, seconds=seconds, local=("1 x host IPv4 private",), pairs=pairs, **more)

    for checks in (0, 3):
        why = diagnose(facts(checks=checks))
        assert why.cause == "local network"
        assert "EPERM" in why.sentence
        assert "local network" in unreachable_problem({"Bo": why})[1]
    assert diagnose(facts(replies=3)).cause == "never chosen"
    assert diagnose(facts(lan_refused_by="")).cause == "unreachable"


BLOCKED_RUN = """
    import asyncio
    from tests.support.waiting import until
    from tests.workers.media.guard.peers import Pair

    def elsewhere(sdp):
        return sdp.replace("192.168.77.2", "192.168.78.9").replace("127.0.0.1", "192.168.78.9")

    async def main():
        async with Pair() as pair:
            answer = await pair.other.answer(elsewhere(await pair.ours.offer()))
            await pair.ours.accept(elsewhere(answer))
            await until(lambda: pair.ours.log.facts().lan_refused_by, "the refusals are noticed")
            print(pair.ours.log.facts().lan_refused_by, pair.ours.diagnose().cause, sep=",")

    asyncio.run(main())
"""
"""A connection with a member in a network to which this machine's routes refuse every send."""


@pytest.mark.skipif(sys.platform != "linux", reason="network namespaces are Linux's")
@pytest.mark.parametrize(("route", "name"), [("unreachable", "EHOSTUNREACH"), ("prohibit", "EACCES")])
def test_a_real_connection_says_so(route: str, name: str) -> None:
    enter = ["unshare", "--map-root-user", "--net"]
    try:
        possible = subprocess.run([*enter, "ip", "link"], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        possible = False
    if not possible:
        pytest.skip("no network namespace can be made here")
    network = f"ip link set lo up && ip addr add 192.168.77.2/24 dev lo && ip route add {route} 192.168.78.0/24"
    program = textwrap.dedent(BLOCKED_RUN)
    done = subprocess.run(
        [*enter, "sh", "-c", f'{network} && exec "$0" -c "$1"', sys.executable, program],
        cwd=CHECKOUT, capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert done.stdout.strip() == f"{name},local network", done.stderr
