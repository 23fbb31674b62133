"""The base URLs of Sony's servers or of the simulator.

In the realm `simulator` they come from the running simulator's file, which may change at its restart. In the realm
`playstation` they come from the settings.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

import msgspec

from common.config.settings import check_url, is_sonys
from common.config.tables import PsnSettings, Settings
from common.errors import SettingsError
from common.files.paths import Paths
from common.files.state import UNUSABLE
from common.psn.errors import BadAnswerError, NoSimulatorError
from common.system import folders

Host = Literal["account", "mobile", "web", "dms", "profile", "push"]
"""The host of a REST call."""

PUSH_PATH = "/np/pushNotification"
_FQDN = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")


def place_of(psn: PsnSettings) -> str:
    """Return the key of these settings' servers. Every state file about them carries it."""
    return "simulator" if psn.realm == "simulator" else psn.mobile_url


class SimulatorInfo(msgspec.Struct, frozen=True, kw_only=True):
    """Content of `Paths.simulator_file`, written by the running simulator."""

    account_url: str
    mobile_url: str
    web_url: str
    dms_url: str
    profile_url: str
    party_link_url: str
    push_url: str
    push_socket_url: str
    npsso: str
    """NPSSO of the demo account, valid in the simulator only."""
    party_link: str
    """Share link of the demo party."""
    session_id: str
    control_url: str
    pid: int
    socketio_url: str = ""
    """URL of the signaling relay."""
    tls_url: str = ""
    """URL at which it also answers to Sony's host names over TLS, or empty for none."""
    tls_file: str = ""
    """Its certificate there (PEM)."""


class Endpoints(msgspec.Struct, frozen=True, kw_only=True):
    """Base URLs without a trailing slash. `simulator` is None in the realm `playstation`."""

    account: str
    mobile: str
    web: str
    dms: str
    profile: str
    push: str
    push_socket: str
    party_link: str
    simulator: SimulatorInfo | None = None

    def url(self, host: Host, path: str) -> str:
        base: str = getattr(self, host)
        return base + path

    def push_socket_url(self, fqdn: str) -> str:
        """Return the push WebSocket's URL on `fqdn` (a host name as serveraddr gave it, perhaps with a port).

        Raises `BadAnswerError` if `fqdn` is not a host name, `SettingsError` if the connection would not be encrypted.
        """
        if not _FQDN.fullmatch(fqdn):
            raise BadAnswerError(f"serveraddr named a push server that is no host name: {fqdn[:80]!r}.")
        url = self.push_socket.replace("{fqdn}", fqdn)
        check_url("psn.push_socket_url", url, ("wss", "ws"))
        parts = urlsplit(url)
        return urlunsplit(parts._replace(path=PUSH_PATH)) if parts.path in ("", "/") else url


class EndpointSource:
    """The current endpoints. Call `forget` when a server is unreachable."""

    def __init__(self, settings: Settings, paths: Paths) -> None:
        self._settings = settings
        self._paths = paths
        self._known: Endpoints | None = None

    @property
    def pace_file(self) -> Path:
        """The file of the shared pace.

        Sony's servers block an address, so all homes of this user share the pace towards them. Towards other servers,
        as a simulator, each home has its own. Homes of other users of this machine are not known.
        """
        psn = self._settings.psn
        shared = psn.realm == "playstation" and is_sonys(psn.mobile_url)
        return (folders.cache() if shared else self._paths.run) / f"pace-{psn.realm}.json"

    @property
    def trace_file(self) -> Path:
        """The file of traced calls."""
        return self._paths.trace_file

    def current(self) -> Endpoints:
        """Return the endpoints. Raises `NoSimulatorError` if the realm's simulator is not running."""
        if self._known is None:
            self._known = endpoints(self._settings, self._paths)
        return self._known

    def forget(self) -> None:
        self._known = None


def endpoints(settings: Settings, paths: Paths) -> Endpoints:
    """Return the endpoints of the realm. Raises `NoSimulatorError` if its simulator is not running."""
    if settings.psn.realm == "simulator":
        return _of_simulator(_read(paths.simulator_file))
    psn = settings.psn
    return Endpoints(
        account=psn.account_url.rstrip("/"),
        mobile=psn.mobile_url.rstrip("/"),
        web=psn.web_url.rstrip("/"),
        dms=psn.dms_url.rstrip("/"),
        profile=psn.profile_url.rstrip("/"),
        push=psn.push_url.rstrip("/"),
        push_socket=psn.push_socket_url,
        party_link=psn.party_link_url.rstrip("/"),
    )


def _read(file: Path) -> SimulatorInfo:
    try:
        info = msgspec.json.decode(file.read_bytes(), type=SimulatorInfo)
    except FileNotFoundError:
        raise NoSimulatorError from None
    except (OSError, *UNUSABLE) as error:
        raise NoSimulatorError(f"{file.name} cannot be read ({type(error).__name__})") from error
    if not _alive(info.pid):
        raise NoSimulatorError(f"process {info.pid} has ended")
    return info


def _alive(pid: int) -> bool:
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def _of_simulator(info: SimulatorInfo) -> Endpoints:
    found = Endpoints(
        account=info.account_url.rstrip("/"),
        mobile=info.mobile_url.rstrip("/"),
        web=info.web_url.rstrip("/"),
        dms=info.dms_url.rstrip("/"),
        profile=info.profile_url.rstrip("/"),
        push=info.push_url.rstrip("/"),
        push_socket=info.push_socket_url,
        party_link=info.party_link_url.rstrip("/"),
        simulator=info,
    )
    try:
        for host in ("account", "mobile", "web", "dms", "profile", "push"):
            check_url(f"simulator {host}", getattr(found, host), ("https", "http"))
    except SettingsError as error:
        raise NoSimulatorError(error.message) from error
    return found
