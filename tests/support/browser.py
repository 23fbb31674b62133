"""A real headless Chromium for tests: the engine of OBS's browser sources, and the WebRTC of Sony's apps."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from playwright.async_api import Browser as AsyncBrowser
from playwright.async_api import async_playwright
from playwright.sync_api import Browser, sync_playwright

from tests.support.mac.only_linux import needs_linux

_OFF = (
    # without its address bar's pages, which cost half a second of a core for each window
    *("WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup"),
    # what Playwright turns off, too: only the last such list counts
    *("AimEnabled", "AvoidCorsURLLoaderRestartOnRedirect", "AvoidUnnecessaryBeforeUnloadCheckSync"),
    *("DestroyProfileOnBrowserClose", "HttpsFirstBalancedModeAutoEnable", "HttpsUpgrades", "LensOverlay"),
    *("MediaRouter", "NetworkTimeServiceQuerying", "OptimizationHints", "PaintHolding", "PreconnectToSearch"),
    "ThirdPartyStoragePartitioning",
)
FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
    f"--disable-features={','.join(_OFF)}",
)
_MAC = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)


def executable() -> str:
    """Return the path of the system's Chromium; `make setup-test` installs one."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if (path := shutil.which(name))), None)
    found = found or next((path for path in _MAC if Path(path).exists()), None)
    if not found:
        needs_linux("There is no Chrome or Chromium in /Applications.")
    assert found, "no Chromium on this machine: call make setup-test"
    return found


@contextmanager
def chromium(*flags: str, env: dict[str, str] | None = None, sound: bool = False) -> Iterator[Browser]:
    """Yield a running headless Chromium; `flags` and `env` (in place of this process's) come on top.

    `sound`: what its pages play reaches the sound server that `env` names.
    """
    with sync_playwright() as playwright:
        arguments: Sequence[str] = (*FLAGS, *flags)
        browser = playwright.chromium.launch(
            executable_path=executable(),
            args=list(arguments),
            env=env,
            chromium_sandbox=False,
            ignore_default_args=["--mute-audio"] if sound else None,
        )
        try:
            yield browser
        finally:
            browser.close()


@asynccontextmanager
async def async_chromium(*flags: str) -> AsyncIterator[AsyncBrowser]:
    """Yield a running headless Chromium for tests that live in asyncio."""
    async with async_playwright() as playwright:
        arguments: Sequence[str] = (*FLAGS, *flags)
        browser = await playwright.chromium.launch(
            executable_path=executable(), args=list(arguments), chromium_sandbox=False
        )
        try:
            yield browser
        finally:
            await browser.close()
