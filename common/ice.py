"""Extensions of aioice: loopback candidates, parallel STUN servers, a short time limit, a filter of remote candidates.

aiortc creates its ICE connections itself, so `install` patches the whole process. It is for every process with WebRTC
peers (media, the simulator).
"""

from __future__ import annotations

import asyncio
import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

import aioice
import aioice.ice
import aiortc.rtcicetransport
from aioice import Candidate

from common.basic.addresses import can_be_a_peer, is_this_machine
from common.config.settings import is_loopback, stun_address
from common.config.tables import Settings

_HOST_ADDRESSES = aioice.ice.get_host_addresses
_GRACE_S = 0.15
"""Time left to the other STUN servers after the first answer."""


@dataclass(frozen=True)
class IceOptions:
    """Options of candidate gathering in this process."""

    stun_servers: tuple[tuple[str, int], ...] = ()
    stun_timeout_s: float = 1.5
    ipv6: bool = True
    loopback: bool = False

    @classmethod
    def of(cls, settings: Settings) -> IceOptions:
        """Return the options in `settings`. With local PSN servers: loopback candidates and only local STUN servers."""
        host = urlsplit(settings.psn.mobile_url).hostname or ""
        here = settings.psn.realm == "simulator" or is_loopback(host)
        loopback = settings.ice.loopback
        servers = stun_addresses(settings.ice.stun_servers)
        return cls(
            stun_servers=tuple(server for server in servers if not here or is_loopback(server[0])),
            stun_timeout_s=settings.ice.stun_timeout_s,
            ipv6=settings.ice.ipv6,
            loopback=here if loopback is None else loopback,
        )


def stun_addresses(urls: tuple[str, ...]) -> tuple[tuple[str, int], ...]:
    """Return (host, port) of each ``stun:host[:port]``. Other URLs are skipped."""
    return tuple(found for url in urls if (found := stun_address(url)) is not None)


class IceConnection(aioice.Connection):
    """aioice's connection, which asks all STUN servers in parallel and with a short time limit."""

    options = IceOptions()

    async def get_component_candidates(
        self,
        component: int,
        addresses: list[str],
        timeout: int = 5,  # noqa: ASYNC109  # aioice's signature
    ) -> list[Candidate]:
        self.stun_server = None
        candidates = await super().get_component_candidates(component, addresses, timeout)
        return candidates + await self._reflexive(component)

    async def _reflexive(self, component: int) -> list[Candidate]:
        tasks = [
            asyncio.create_task(aioice.ice.server_reflexive_candidate(protocol, server))
            for protocol in self._protocols
            if _may_reach_outside(protocol.local_candidate, component)
            for server in self.options.stun_servers
        ]
        pending, found = set(tasks), []
        now = asyncio.get_running_loop().time
        deadline = now() + self.options.stun_timeout_s
        while pending and (left := deadline - now()) > 0:
            done, pending = await asyncio.wait(pending, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            found += [task.result()[0] for task in done if task.exception() is None]
            if found:
                deadline = min(deadline, now() + _GRACE_S)
        for task in pending:
            task.cancel()
        real = [candidate for candidate in found if can_be_a_peer(candidate.host, candidate.port)]
        return list({(candidate.host, candidate.port): candidate for candidate in real}.values())

    def _add_remote_candidate(self, remote_candidate: Candidate, network_host: str) -> None:
        """Add a remote candidate if a peer can have its address. `network_host` is the resolved address.

        A member's candidate at a loopback address would make us send to programs of this machine, so it is used only
        where we offer loopback candidates ourselves.
        """
        allowed = self.options.loopback or not is_this_machine(network_host)
        if allowed and can_be_a_peer(network_host, remote_candidate.port):
            super()._add_remote_candidate(remote_candidate, network_host)


def _may_reach_outside(candidate: Candidate, component: int) -> bool:
    address = ipaddress.ip_address(candidate.host)
    return candidate.component == component and address.version == 4 and not address.is_loopback


def install(options: IceOptions, connection: type[IceConnection] = IceConnection) -> None:
    """Make all peer connections of this process use `connection` with `options`."""

    def host_addresses(use_ipv4: bool, use_ipv6: bool) -> list[str]:
        addresses: list[str] = _HOST_ADDRESSES(use_ipv4=use_ipv4, use_ipv6=use_ipv6 and options.ipv6)
        if use_ipv4 and (options.loopback or not addresses):
            addresses.append("127.0.0.1")  # without any network it is the only address, and harmless
        return addresses

    connection.options = options
    aioice.ice.get_host_addresses = host_addresses
    aiortc.rtcicetransport.Connection = connection  # type: ignore[attr-defined]
