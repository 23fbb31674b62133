"""What commands about one member of the party share: the argument, and the request with the member's peer key."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TypeVar

from cli.shared.connect import ask, connect
from common.requests import Request

T = TypeVar("T")


def member_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("member", metavar="MEMBER", help="online id (case-insensitive) or peer key")


async def ask_about_member(member: str, request: Callable[[str], Request[T]], wait_s: float) -> tuple[str, T]:
    """Send the request that `request` makes of the member's peer key. Return the member's name and the reply.

    Raises `CommandError` if nobody in the party is called `member`, or several are.
    """
    async with connect() as (bus, bus_state):
        peer = bus_state.peer_called(member)
        return bus_state.name(peer), await ask(bus, request(peer), wait_s)
