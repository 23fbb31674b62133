"""The guide in the browser, from an account to sound in OBS: when it is opened, and its address."""

from __future__ import annotations

import os
import sys
import time
import webbrowser
from collections.abc import Mapping

from cli.shared.terminal import has_browser
from common.config import dashboard_owner
from common.config.pages import base_url, load_keys, page_url
from common.config.tables import DashboardSettings
from common.files.paths import Paths

PAGE = "start"
OPENS_S = 10.0
"""How long the dashboard may take to open its port after its worker has started. Chosen to be longer than a start."""
PAUSE_S = 0.2


def opens_by_itself(environ: Mapping[str, str], *, is_terminal: bool, has_desktop: bool) -> bool:
    """Return whether the end of a start may open a window: somebody sits here, and this is no test run of a server."""
    return is_terminal and has_desktop and not environ.get("CI")


def at_start(paths: Paths, settings: DashboardSettings, *, wanted: bool = True) -> list[str]:
    """Open the guide at the end of `partyline up`, unless nobody would see it. Return what to print."""
    desktop = opens_by_itself(os.environ, is_terminal=sys.stdout.isatty(), has_desktop=has_browser())
    if not (wanted and settings.open_browser and desktop) or not _is_open(paths, settings):
        return []
    return _opened(paths, settings)


def show(paths: Paths, settings: DashboardSettings) -> list[str]:
    """Open the guide, or return its address. Raises `PartylineError` if another program has the dashboard's port."""
    keys = load_keys(paths)
    if not _is_open(paths, settings):
        dashboard_owner.check(settings, keys)
        return [
            "The dashboard does not answer yet. `partyline dashboard` opens it, `partyline logs dashboard` says why."
        ]
    if has_browser():
        return _opened(paths, settings)
    return [
        "The guide, from an account to sound in OBS. Do not show this address, it contains a key:",
        f"  {page_url(settings, PAGE, keys.full)}",
        "The dashboard:",
        f"  {page_url(settings, '', keys.full)}",
    ]


def _opened(paths: Paths, settings: DashboardSettings) -> list[str]:
    # the page itself knows whether everything is set up, and goes on to the dashboard then
    webbrowser.open(page_url(settings, PAGE, load_keys(paths).full, unless="ready"))
    return [f"The guide opens in your browser ({base_url(settings)}/). Once all is set up, the dashboard does instead."]


def _is_open(paths: Paths, settings: DashboardSettings) -> bool:
    """Wait for the dashboard. Return whether ours answers at its port."""
    keys, deadline = load_keys(paths), time.monotonic() + OPENS_S
    while (owner := dashboard_owner.owner(settings, keys)) == "nobody" and time.monotonic() < deadline:
        time.sleep(PAUSE_S)
    return owner == "ours"
