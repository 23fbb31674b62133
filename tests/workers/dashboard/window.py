"""Pages in a real Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page

LIMIT_MS = 30_000
DESKTOP, PHONE = (1280, 800), (390, 844)


@contextmanager
def opened(browser: Browser, url: str, size: tuple[int, int] = DESKTOP, *, ours: bool = True) -> Iterator[Page]:
    """Yield `url` in a window of its own; fail if its scripts did, where they are `ours`."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]})
    context.set_default_timeout(LIMIT_MS)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if "Content Security" in message.text else None)
    page.goto(url)
    try:
        yield page
    finally:
        context.close()
    assert not (ours and faults)
