"""The pictures that pages may show, by member. Pure.

Their type is read from their bytes, never from a name or a header, and none of the types can hold a script. A picture's
address cannot be guessed without a key, so the page does not need a key in it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import msgspec

from common.messages import Member
from workers.dashboard.avatars.image_size import size_of

TYPES = "PNG, JPEG, GIF or WebP"
MOST_PIXELS = 4096
PATH = "/picture/"
_SIGNS = ((b"\x89PNG\r\n\x1a\n", "png"), (b"\xff\xd8\xff", "jpeg"), (b"GIF87a", "gif"), (b"GIF89a", "gif"))


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
    found = next((name for sign, name in _SIGNS if body.startswith(sign)), "")
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


class Avatar(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A member's look, in the dashboard and in the overlay alike."""

    hue: int
    """0 … 359, by account. The colour behind the initials."""
    picture: str = ""
    """Address of the picture on this server. If it is empty, the initials are shown."""
    speaking_picture: str = ""
    """The same while the member speaks. Empty if there is no other one."""


@lru_cache(maxsize=256)
def hue(account_id: str) -> int:
    return int.from_bytes(hashlib.blake2b(account_id.encode(), digest_size=8).digest(), "big") % 360


@dataclass
class Avatars:
    """The pictures of all members. `key` returns the reading key, on which the addresses depend."""

    key: Callable[[], str]
    own: dict[str, LocalAvatar] = field(default_factory=dict)
    """By online id, folded."""
    fetched: dict[str, Image] = field(default_factory=dict)
    """By account id."""

    def of(self, member: Member) -> Avatar:
        own = self.own.get(member.online_id.casefold(), LocalAvatar())
        return Avatar(
            hue=hue(member.account_id),
            picture=self._address(own.still or self.fetched.get(member.account_id)),
            speaking_picture=self._address(own.speaking),
        )

    def at(self, name: str) -> Image | None:
        """Return the picture whose address ends in `name`."""
        known = [*self.fetched.values(), *(image for own in self.own.values() for image in (own.still, own.speaking))]
        return next((image for image in known if image and hmac.compare_digest(self._name(image), name)), None)

    def _address(self, image: Image | None) -> str:
        return PATH + self._name(image) if image else ""

    def _name(self, image: Image) -> str:
        return hmac.new(self.key().encode(), image.digest, hashlib.sha256).hexdigest()[:40]
