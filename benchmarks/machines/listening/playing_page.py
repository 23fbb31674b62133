"""A page of another machine, in a Chromium. For `benchmarks.machines.webrtc`.

    python -m benchmarks.machines.listening.playing_page ADDRESS < one line for each look

Prints, for each line that it reads, what the page shows as JSON, and ends when there are no more.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from playwright.sync_api import Page

from tests.support.browser import chromium

CLOCKED = ("--disable-background-timer-throttling", "--disable-renderer-backgrounding")


def main() -> None:
    address = sys.argv[1]
    with chromium(*CLOCKED, env=dict(os.environ), sound=True) as browser:
        page = browser.new_page(ignore_https_errors=True)
        page.goto(address)
        for _ in sys.stdin:
            print(json.dumps(shown(page)), flush=True)


def shown(page: Page) -> dict[str, Any]:
    script = (
        "() => ({...document.body.dataset, note: document.querySelector('#note').textContent, secure: isSecureContext})"
    )
    found: dict[str, Any] = page.evaluate(script)
    return found


if __name__ == "__main__":
    main()
