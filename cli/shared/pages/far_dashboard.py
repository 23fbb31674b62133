"""`partyline --at MACHINE dashboard`: the pages of a paired machine on this one, without a certificate."""

from __future__ import annotations

import asyncio
import contextlib
import webbrowser
from collections.abc import AsyncIterator

import zmq.asyncio

from cli.shared import far
from cli.shared.connect import run
from cli.shared.failures import OK, CommandError
from cli.shared.pages.page_list import page_list
from cli.shared.terminal import echo, printable
from common.bus.peers.pages.far_pages import FarPages
from common.config.pages import Keys, url_at
from common.files.paths import Paths

LOOK_S = 2.0
"""How often is looked whether the other machine is away."""


def serve(paths: Paths, port: int, *, opens: bool) -> int:
    """Serve them until Ctrl-C. Raises `PartylineError` if the other machine does not answer."""
    run(_serve(paths, port, opens=opens))
    return OK


@contextlib.asynccontextmanager
async def far_pages(paths: Paths, port: int) -> AsyncIterator[FarPages]:
    """Yield what brings the pages of the machine that `--at` names."""
    site = far.site(paths)
    if site is None:
        raise CommandError("No machine is named.", "Use `partyline --at MACHINE dashboard`.")
    context = zmq.asyncio.Context()
    try:
        yield FarPages(context, site, port)
    finally:
        context.destroy(linger=0)


async def keys_of_machine(paths: Paths, port: int) -> Keys:
    """Return the keys by which this machine opens the other one's pages. Raises `PartylineError`."""
    async with far_pages(paths, port) as pages, pages.known():
        return pages.keys


def base_at(port: int) -> str:
    return f"http://127.0.0.1:{port}"


async def _serve(paths: Paths, port: int, *, opens: bool) -> None:
    name = printable(far.machine())
    async with far_pages(paths, port) as pages, pages.opened(), asyncio.TaskGroup() as group:
        for line in page_list(base_at(port), pages.keys):
            echo(line)
        echo(f"These are the pages of {name}, as long as this runs. Ctrl-C ends it.")
        if opens and pages.keys.full:
            webbrowser.open(url_at(base_at(port), "", pages.keys.full))
        group.create_task(pages.run())
        group.create_task(_tell(pages, name))


async def _tell(pages: FarPages, name: str) -> None:
    """Say when the other machine is away, and when it is back."""
    away = False
    while True:
        await asyncio.sleep(LOOK_S)
        if pages.is_away != away:
            away = pages.is_away
            echo(f"{name} does not answer. The pages wait for it." if away else f"{name} is back.")
