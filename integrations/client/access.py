"""Where the API is, and the key that opens it."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from common.api import PATH
from common.config import dashboard_owner
from common.config.pages import base_url, load_keys
from common.config.settings import load
from common.errors import PartylineError
from common.files.paths import Paths
from common.log import logs

URL_VARIABLE = "PARTYLINE_API_URL"
KEY_VARIABLE = "PARTYLINE_API_KEY"


class ApiAwayError(PartylineError):
    """Nothing serves the API at the moment. It may come back by itself."""

    code = "api.away"


class ApiAccessError(PartylineError):
    """The address or the key cannot be right. A person has to change it."""

    code = "api.access"


@dataclass(frozen=True)
class ApiAccess:
    """The API's address without a path, and the key."""

    base: str
    key: str = field(repr=False)

    @property
    def events_url(self) -> str:
        return "ws" + self.base.removeprefix("http") + f"{PATH}/events"

    def url(self, path: str) -> str:
        return f"{self.base}{PATH}{path}"

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}


def access() -> ApiAccess:
    """Return this machine's, or the one in the environment. The key is sent to no other program.

    It may take seconds. Raises `ApiAccessError`, `ApiAwayError`, or `PartylineError` if another program is there.
    """
    base, key = os.environ.get(URL_VARIABLE, "").rstrip("/"), os.environ.get(KEY_VARIABLE, "").strip()
    if key:
        logs.remember(key)
    if base:
        if not key:
            raise ApiAccessError(
                f"{URL_VARIABLE} is set, but {KEY_VARIABLE} is not.",
                "Make a key with `partyline api key add NAME` on that machine.",
            )
        if not base.startswith(("http://", "https://")):
            raise ApiAccessError(f"{URL_VARIABLE} is no address.", "Use e.g. `http://studio-mini.local:8770`.")
        return ApiAccess(base, key)
    paths = Paths.of_environment()
    settings = load(paths).dashboard
    paths.make()
    keys = load_keys(paths)
    if dashboard_owner.check(settings, keys) == "nobody":
        raise ApiAwayError("The dashboard worker, which serves the API, is not running.", "Run `partyline up`.")
    return ApiAccess(base_url(settings), key or keys.full)
