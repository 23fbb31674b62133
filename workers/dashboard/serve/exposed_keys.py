"""Keys that another device sent unencrypted. Whoever listened has them.

One that can change something is revoked at once. One that can only read is named, and its owner decides: it is in OBS'
scenes, and a stream may be running.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from common.api import keys as api_keys
from common.config.pages import replace_full_key
from common.errors import PartylineError
from common.files.paths import Paths
from workers.dashboard.serve.page_keys import PageKeys


@dataclass(frozen=True)
class ExposedKey:
    """What was done, for the user. `message` is empty for a text that is no key."""

    message: str = ""
    remedy: str = ""


class ExposedKeys:
    """Judges and revokes them. `report` gets each one that is a key."""

    def __init__(self, paths: Paths, keys: PageKeys, report: Callable[[ExposedKey], None]) -> None:
        self._paths = paths
        self._keys = keys
        self._report = report

    async def take(self, given: str) -> ExposedKey:
        """Act on what a device sent as its key. Raises `PartylineError` if a key cannot be revoked."""
        exposed = await asyncio.to_thread(self._judge, given)
        if exposed.message:
            self._report(exposed)
        return exposed

    def _judge(self, given: str) -> ExposedKey:
        match self._keys.rights(given):
            case "full":
                replace_full_key(self._paths)
                return ExposedKey(
                    "Another device sent the dashboard's key for full control without encryption. The key is void now.",
                    "Open the dashboard again with `partyline dashboard`. On other devices use its https address.",
                )
            case "read":
                return ExposedKey(
                    "Another device sent the key of OBS' pages without encryption, so that others can have read it.",
                    "Give that device the https address. For new keys run `partyline dashboard key --new`, then "
                    "`partyline obs setup`.",
                )
        found = api_keys.find(api_keys.load(self._paths), given)
        if found is None:
            return ExposedKey()
        if found.right == "read" and not found.also:
            return ExposedKey(
                f"The API's key {found.name!r} was sent without encryption, so that others can have read it.",
                "Give that program the https address. Then revoke the key with `partyline api key remove`, and make "
                "another one.",
            )
        api_keys.remove(self._paths, found.key_id)
        return ExposedKey(
            f"The API's key {found.name!r} was sent without encryption. The key is void now.",
            "Give that program the https address, and a new key of `partyline api key add`.",
        )


async def judged(exposed: ExposedKeys, given: str) -> str:
    """Return a sentence for the device that sent it, empty if it sent none."""
    if not given:
        return ""
    try:
        found = await exposed.take(given)
    except PartylineError as error:
        return f"A key was sent, and could not be revoked: {error.message}"
    return found.message
