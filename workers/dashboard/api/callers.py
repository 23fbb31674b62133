"""Who calls: the key of a request, its rights, its pace, and the pages of other sites that may call. No sockets."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from common.api import keys
from common.api.keys import ApiKey, KeyGrant
from common.basic.bucket import Bucket
from common.config.pages import Rights
from common.errors import PartylineError
from common.files.paths import Paths

PER_S, AT_ONCE = 20.0, 60.0
"""Requests of one key. A fader that is moved sends ten a second. A person moves two of them at most."""
NO_FILE = (0, 0)
NOBODY = KeyGrant(key_id="", name="(none)", right="read")
"""All who read without a key what needs none. They have one pace together, as nothing tells them apart."""


class CallRefusedError(PartylineError):
    """A call that is not served. `status` is the HTTP status, `retry_s` the wait that it asks for."""

    def __init__(self, status: int, message: str, remedy: str, *, code: str, retry_s: float = 0.0) -> None:
        super().__init__(message, remedy, code=code)
        self.status = status
        self.retry_s = retry_s


class Callers:
    """The keys that are valid, and the pace of each. Call `poll` once before anything else, and from time to time."""

    def __init__(
        self, paths: Paths, page_rights: Callable[[str], Rights], used: Callable[[str], None] = lambda _: None
    ) -> None:
        """`page_rights` judges the keys of the pages, which use the same door. `used` gets the id of each used key."""
        self._paths = paths
        self._used = used
        self._page_rights = page_rights
        self._keys: tuple[ApiKey, ...] = ()
        self._stamp = NO_FILE
        self._paces: dict[str, Bucket] = {}
        self.error: PartylineError | None = None
        """Why the file of the keys cannot be used. No key is valid meanwhile."""

    def poll(self) -> bool:
        """Read the keys if their file changed. Return whether one was revoked or changed."""
        stamp = self._stamp_now()
        if stamp == self._stamp:
            return False
        before = set(self._keys)
        self._stamp = stamp
        try:
            self._keys, self.error = keys.load(self._paths), None
        except PartylineError as error:
            self._keys, self.error = (), error
        return bool(before - set(self._keys))

    def grant(self, given: str) -> KeyGrant:
        """Return what the bearer of `given` may do. Raises `CallRefusedError` (401)."""
        page = self._page_rights(given)
        if page:
            return KeyGrant(
                key_id=f"page-{page}", name="the dashboard's pages", right="admin" if page == "full" else "read"
            )
        found = keys.find(self._keys, given) if given else None
        if found is None:
            raise CallRefusedError(
                401,
                "This key is not valid." if given else "A key is missing.",
                "Make one with `partyline api key add NAME`, and send it as `Authorization: Bearer KEY`.",
                code="api.no-key",
            )
        self._used(found.key_id)
        return found

    @property
    def key_ids(self) -> frozenset[str]:
        return frozenset(key.key_id for key in self._keys)

    def is_valid(self, grant: KeyGrant) -> bool:
        """Return whether a key that was valid still is, with the same rights. Its name may have changed."""
        return grant.key_id.startswith("page-") or any(
            (key.key_id, key.right, key.also) == (grant.key_id, grant.right, grant.also) for key in self._keys
        )

    def check(self, grant: KeyGrant, request: str, offered: Mapping[str, object]) -> None:
        """Raise `CallRefusedError` if there is no such request (404) or this key does not allow it (403)."""
        if request not in offered:
            raise CallRefusedError(
                404, f"There is no request {request[:40]!r}.", f"Requests: {', '.join(offered)}.", code="api.unknown"
            )
        if not grant.may(request):
            raise CallRefusedError(
                403,
                f"The key {grant.name!r} has the right “{grant.right}”, which does not allow {request}.",
                f"Make another key: `partyline api key add NAME --right admin`, or `--also {request}`.",
                code="api.not-allowed",
            )

    def take(self, grant: KeyGrant, now: float, cost: float = 1.0) -> None:
        """Count a request, or several by their `cost`. Raises `CallRefusedError` (429) if there are too many.

        `now`: seconds of any clock.
        """
        pace = self._paces.setdefault(grant.key_id, Bucket(per_s=PER_S, at_once=AT_ONCE))
        if not pace.take(now, cost):
            raise CallRefusedError(
                429,
                f"The key {grant.name!r} asks more than {PER_S:g} times a second.",
                "Wait a moment. Subscribe to events instead of asking for the state again and again.",
                code="api.too-often",
                retry_s=math.ceil(1 / PER_S),
            )

    def _stamp_now(self) -> tuple[int, int]:
        try:
            found = keys.keys_file(self._paths).stat()
        except OSError:
            return NO_FILE
        return found.st_mtime_ns, found.st_ino


def may_call_from(origin: str, own: str, allowed: tuple[str, ...]) -> bool:
    """Return whether a page of `origin` may call. No origin is no page. `own` is this server's."""
    return not origin or origin.casefold() == own.casefold() or origin.casefold() in (one.casefold() for one in allowed)
