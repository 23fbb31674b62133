"""The server with every host under its own path, and its background tasks."""

from __future__ import annotations

import asyncio
import contextlib
import os
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from common import ice
from common.psn.http.endpoints import SimulatorInfo
from simulator import demo
from simulator.consoles.bridge import Bridges
from simulator.consoles.cast import Cast
from simulator.consoles.scheduler import Scheduler
from simulator.hosts.account import AccountHost
from simulator.hosts.bridges.links import BridgeLinks
from simulator.hosts.bridges.routes import BridgeHost
from simulator.hosts.control.bridges import BridgeControl
from simulator.hosts.control.routes import ControlHost
from simulator.hosts.housekeeping import Housekeeping
from simulator.hosts.lookups import dms_app, party_app, profile_app, web_app
from simulator.hosts.middleware import MAX_BODY, watch
from simulator.hosts.mobile.routes import MobileHost
from simulator.hosts.pictures import pictures_app
from simulator.hosts.push import PushHost
from simulator.hosts.socketio import SocketRelay
from simulator.shared import names
from simulator.world import Options, World

ADDRESS = "127.0.0.1"
SWEEP_S = 0.5
"""Interval of `Housekeeping.sweep`. It is far below the real presence timeouts (30 and 120 s)."""


@dataclass(frozen=True)
class Running:
    """A running simulator."""

    world: World
    scheduler: Scheduler
    relay: SocketRelay
    port: int
    tls_port: int = 0

    @property
    def info(self) -> SimulatorInfo:
        base = self.world.base_url
        return SimulatorInfo(
            account_url=f"{base}/account",
            mobile_url=f"{base}/mobile",
            web_url=f"{base}/web",
            dms_url=f"{base}/dms",
            profile_url=f"{base}/profile",
            party_link_url=f"{base}/party",
            push_url=f"{base}/pushcl",
            push_socket_url="ws://{fqdn}/np/pushNotification",
            npsso=demo.GUEST.npsso,
            party_link=f"{base}/party/{demo.CPSS_ID}",
            session_id=demo.SESSION_ID,
            control_url=f"{base}/control",
            pid=os.getpid(),
            socketio_url=f"ws{base.removeprefix('http')}",
            tls_url=f"https://{ADDRESS}:{self.tls_port}" if self.tls_port else "",
        )


def application(
    world: World, scheduler: Scheduler, bridges: Bridges, cast: Cast, *, named: bool = False
) -> web.Application:
    """Return the server. With `named` it also answers under Sony's host names."""
    app = web.Application(middlewares=[watch(world)], client_max_size=MAX_BODY)
    links = BridgeLinks(world, bridges)
    push, bridge = PushHost(world), BridgeHost(world, bridges, links)
    account, mobile, control = AccountHost(world), MobileHost(world), ControlHost(world, scheduler, cast).app()
    control.add_routes(BridgeControl(world, bridges, links).routes())

    def hosts() -> dict[str, web.Application]:
        rest = mobile.app()
        rest.add_routes(bridge.routes())
        return {
            "account": account.app(),
            "mobile": rest,
            "web": web_app(world),
            "dms": dms_app(world),
            "profile": profile_app(world),
            "party_link": party_app(world),
            "push": push.app(),
        }

    paths = {"party_link": "/party", "push": "/pushcl"}
    for name, host in hosts().items():
        app.add_subapp(paths.get(name, f"/{name}"), host)
    app.add_subapp("/pictures", pictures_app(world))
    app.add_subapp("/control", control)
    app.add_routes([web.get("/np/pushNotification", push.socket)])
    if named:
        names.add_names(app, world.options.psn, hosts())
    return app


@contextlib.asynccontextmanager
async def serving(
    options: Options,
    *,
    consoles: int,
    own_console: bool = False,
    ports: tuple[int, ...] = (0,),
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[Running]:
    """Serve the demo party on the first free one of `ports` (0 for any) until the block ends.

    With `tls` it also serves under Sony's names, on another port. With `own_console` the demo account's own console is
    in the party. Raises `OSError` when no port is free.
    """
    ice.install(ice.IceOptions(loopback=True, ipv6=False))
    world = World(options)
    bridges = Bridges()
    party = demo.add_party(world, bridges, consoles, own_console=own_console)
    scheduler = Scheduler(party, pause=options.pause_in_silence)
    relay = SocketRelay(world, scheduler.consoles)
    cast = Cast(world, scheduler, bridges)
    app = application(world, scheduler, bridges, cast, named=tls is not None)
    relay.attach(app)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    jobs: list[asyncio.Task[Any]] = []
    try:
        port = await _listen(runner, ports)
        world.base_url = f"http://{ADDRESS}:{port}"
        tls_port = await _listen_tls(runner, tls) if tls else 0
        jobs = [asyncio.create_task(job) for job in (scheduler.run(), _sweep(world, bridges))]
        cast.begin()
        yield Running(world, scheduler, relay, port, tls_port)
    finally:
        results = await cast.end()
        for job in jobs:
            job.cancel()
        results += await asyncio.gather(*jobs, return_exceptions=True)
        for connection in world.push.connections():
            connection.close(1001)
        await relay.close()
        await bridges.close()
        await runner.cleanup()
        for result in results:
            if isinstance(result, Exception):
                raise result


async def _listen(runner: web.AppRunner, ports: tuple[int, ...]) -> int:
    for place, port in enumerate(ports):
        site = web.TCPSite(runner, ADDRESS, port)
        try:
            await site.start()
        except OSError:
            if place == len(ports) - 1:
                raise
            continue
        return int(runner.addresses[0][1])
    raise OSError("no port was given")


async def _listen_tls(runner: web.AppRunner, tls: ssl.SSLContext) -> int:
    await web.TCPSite(runner, ADDRESS, 0, ssl_context=tls).start()
    return int(runner.addresses[-1][1])


async def _sweep(world: World, bridges: Bridges) -> None:
    def members(session_id: str) -> set[str] | None:
        party = world.parties.by_id.get(session_id)
        return {member.device.peer for member in party.members.values()} if party is not None else None

    housekeeping = Housekeeping(world)
    while True:
        housekeeping.sweep()
        await bridges.sweep(members)
        await asyncio.sleep(SWEEP_S)
