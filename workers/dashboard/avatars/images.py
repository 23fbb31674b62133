"""The pictures that pages may show, by member. Pure.

Their type is read from their bytes, never from a name or a header, and none of the types can hold a script. A picture's
address cannot be guessed without a key, so the page does not need a key in it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

import msgspec

from common.messages import Member
from workers.dashboard.avatars.image_size import size_of

TYPES = "PNG, JPEG, GIF or WebP"
MOST_PIXELS = 4096
"""Most pixels on a side. Chosen far above what an overlay shows. See `too_wide`."""
PATH = "/picture/"
_SIGNATURES = ((b"\x89PNG\r\n\x1a\n", "png"), (b"\xff\xd8\xff", "jpeg"), (b"GIF87a", "gif"), (b"GIF89a", "gif"))


@dataclass(frozen=True)
class Image:
    body: bytes
    type: str
    """MIME type."""

    @cached_property
    def digest(self) -> bytes:
        return hashlib.blake2b(self.body, digest_size=16).digest()


def image_of(body: bytes) -> Image | None:
    """Return the picture with these bytes, None if its type is not supported or it is `too_wide`."""
    if too_wide(body):
        return None
    found = next((name for signature, name in _SIGNATURES if body.startswith(signature)), "")
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        found = "webp"
    return Image(body, f"image/{found}") if found else None


def too_wide(body: bytes) -> bool:
    """Return whether it claims more than `MOST_PIXELS` on a side. Unpacked, 1 MB of PNG can be some GB."""
    return max(size_of(body)) > MOST_PIXELS


@dataclass(frozen=True)
class LocalAvatar:
    """Pictures of a member that the local user chose."""

    still: Image | None = None
    speaking: Image | None = None
    """Shown instead while the member speaks."""
    louder: tuple[Image, ...] = ()
    """Shown instead of `speaking` the louder they speak."""


class Avatar(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A member's avatar, the same in the dashboard and in the overlay."""

    hue: int
    """0 … 359, by account. The colour behind the initials."""
    picture: str = ""
    """Address of the picture on this server. If it is empty, the initials are shown."""
    speaking_picture: str = ""
    """The same while the member speaks. Empty if there is no other one."""
    louder_pictures: tuple[str, ...] = ()
    """The same the louder they speak. Only an overlay that moves by level shows them."""


@lru_cache(maxsize=256)
def hue(account_id: str) -> int:
    return int.from_bytes(hashlib.blake2b(account_id.encode(), digest_size=8).digest(), "big") % 360


class Avatars:
    """The avatars of all members. `key` returns the reading key, on which the addresses depend."""

    def __init__(self, key: Callable[[], str]) -> None:
        self._key = key
        self._local: Mapping[str, LocalAvatar] = {}
        self._fetched: Mapping[str, Image] = {}

    def set_local(self, local: Mapping[str, LocalAvatar]) -> None:
        """Set the avatars that the local user chose, by online id, folded."""
        self._local = local

    def set_fetched(self, fetched: Mapping[str, Image]) -> None:
        """Set PlayStation's avatars, by account id."""
        self._fetched = fetched

    def of(self, member: Member) -> Avatar:
        local = self._local.get(member.online_id.casefold(), LocalAvatar())
        return Avatar(
            hue=hue(member.account_id),
            picture=self._address(local.still or self._fetched.get(member.account_id)),
            speaking_picture=self._address(local.speaking),
            louder_pictures=tuple(map(self._address, local.louder)),
        )

    def at(self, name: str) -> Image | None:
        """Return the picture whose address ends in `name`."""
        local = (image for avatar in self._local.values() for image in (avatar.still, avatar.speaking, *avatar.louder))
        known = [*self._fetched.values(), *local]
        return next((image for image in known if image and hmac.compare_digest(self._name(image), name)), None)

    def _address(self, image: Image | None) -> str:
        return PATH + self._name(image) if image else ""

    def _name(self, image: Image) -> str:
        return hmac.new(self._key().encode(), image.digest, hashlib.sha256).hexdigest()[:40]
