"""The host of avatars, a made-up one for everybody, without a token."""

from __future__ import annotations

import colorsys
import hashlib
import struct
import zlib

from aiohttp import web

from simulator.shared.refusals import Refused
from simulator.world import World

SIZES = {"s": 50, "m": 100, "l": 160, "xl": 240}
"""Edges in pixels."""
_CELLS = 5


def avatars(base_url: str, account_id: str) -> list[dict[str, str]]:
    """Return the avatar entries of a profile."""
    return [{"size": size, "url": f"{base_url}/pictures/{account_id}_{size}.png"} for size in SIZES]


def pictures_app(world: World) -> web.Application:
    async def picture(request: web.Request) -> web.Response:
        account_id, size = request.match_info["account_id"], request.match_info["size"]
        if account_id not in world.accounts.people or size not in SIZES:
            raise Refused(404, "there is no such picture", violation=False)
        return web.Response(body=png(account_id, SIZES[size]), content_type="image/png")

    app = web.Application()
    app.add_routes([web.get("/{account_id:[0-9]+}_{size:[a-z]+}.png", picture)])
    return app


def png(name: str, edge: int) -> bytes:
    """Return a square image that depends only on `name`: a mirrored pattern of cells in two colours."""
    bits = hashlib.sha256(name.encode()).digest()
    light, dark = (
        bytes(round(255 * part) for part in colorsys.hls_to_rgb(bits[31] / 255, lightness, 0.55))
        for lightness in (0.72, 0.28)
    )
    filled = [
        [bits[row * 3 + min(column, _CELLS - 1 - column)] % 2 for column in range(_CELLS)] for row in range(_CELLS)
    ]
    places = [min(_CELLS - 1, pixel * _CELLS // edge) for pixel in range(edge)]
    lines = b"".join(b"\0" + b"".join(dark if filled[y][x] else light for x in places) for y in places)
    head = struct.pack(">IIBBBBB", edge, edge, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(lines)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )
