"""Benchmark of the pages' layout: faders that are fully seen, scrolling sideways, small targets, findings of axe-core.

    python -m benchmarks.whole.faders [--revision main] [--pictures FOLDER] [--json FILE]

Sixteen people are in a party, in headless Chromium. `--revision` measures the pages of another revision.
"""

from __future__ import annotations

import argparse
import io
import json
import subprocess
import tarfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import Browser, Error

from common.files.paths import CHECKOUT
from tests.chromium.axe import all_findings
from tests.support.browser import chromium
from tests.workers.dashboard.pages.fed import (
    KEY,
    STATIC,
    Fed,
    busy_party,
    changes,
    fed,
    healthy,
    no_party,
    served,
    signed_out,
)
from tests.workers.dashboard.pages.states import STATES
from tests.workers.dashboard.pages.test_faders import FULLY_SEEN, TOO_SMALL

SIZES = {
    "desktop": ("/", (1280, 800), {}),
    "phone": ("/", (390, 844), {}),
    "narrow": ("/", (320, 800), {}),
    "dock": ("/dock", (300, 500), {}),
    "dashboard in a dock": ("/", (300, 500), {}),
    "forced colours": ("/", (1280, 800), {"forced_colors": "active"}),
    "dark": ("/", (1280, 800), {"color_scheme": "dark"}),
}
"""Name → page, window, and how the browser shows it."""
SIGNED_OUT = {"signed out, narrow": (320, 700), "signed out, phone": (390, 844)}
"""Windows in which nobody is signed in, as pixels are missing there first."""
FRAMES = 300
"""Enough that the clock of a page, which goes in steps of 0.1 ms, does not matter."""
_TIMED = """
([text, count]) => {
  const began = performance.now();
  for (let sent = 0; sent < count; sent += 1) window.sockets.at(-1).onmessage({ data: text });
  document.body.offsetHeight;
  return (performance.now() - began) / count;
}
"""
GIVE_UP_MS = 2000
"""A page of another revision may not have what a state presses."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--revision", help="measure the pages of this revision, instead of those in the checkout")
    parser.add_argument("--pictures", type=Path, help="put a picture of each size into this folder")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    with _files(args.revision) as files, served(files) as origin, chromium() as browser:
        found = {
            "pages of": args.revision or "the checkout",
            "layout": {name: _layout(browser, origin, name, args.pictures) for name in SIZES},
            "too wide while signed out": {name: _signed_out(browser, origin, name) for name in SIGNED_OUT},
            "ms of script a frame": _cost(browser, origin),
            "axe": _axe(browser, origin),
        }
    print(json.dumps(found, indent=2))
    if args.json:
        args.json.write_text(json.dumps(found, indent=2) + "\n")


@contextmanager
def _files(revision: str | None) -> Iterator[Path]:
    if not revision:
        yield STATIC
        return
    folder = STATIC.relative_to(CHECKOUT)
    packed = subprocess.run(["git", "archive", revision, str(folder)], cwd=CHECKOUT, capture_output=True, check=True)
    with TemporaryDirectory() as home, tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
        archive.extractall(home, filter="data")
        yield Path(home) / folder


def _layout(browser: Browser, origin: str, name: str, pictures: Path | None) -> dict[str, Any] | str:
    path, size, context = SIZES[name]
    with fed(browser, "about:blank", size, **context) as page:
        if not _reached(page, f"{origin}{path}?key={KEY}"):
            return "there is no such page"
        page.snapshot(*busy_party())
        levels = [message for message in busy_party() if message.TOPIC == "audio.levels"]
        page.feed(*levels)
        found = {
            "faders fully seen": page.page.evaluate(FULLY_SEEN),
            "pixels too wide": page.page.evaluate("document.documentElement.scrollWidth - innerWidth"),
            "targets below 24 px": len(page.page.evaluate(TOO_SMALL)),
        }
        if pictures:
            page.page.screenshot(path=pictures / f"{name.replace(' ', '-')}.png")
        return found


def _signed_out(browser: Browser, origin: str, name: str) -> int:
    with fed(browser, f"{origin}/?key={KEY}", SIGNED_OUT[name]) as page:
        page.snapshot(*healthy(), signed_out(realm="simulator"), no_party())
        return int(page.page.evaluate("document.documentElement.scrollWidth - innerWidth"))


def _cost(browser: Browser, origin: str) -> dict[str, float]:
    """Return what a frame with levels costs, which come ten times a second, and one with the state of all talkers."""
    with fed(browser, f"{origin}/?key={KEY}") as page:
        page.snapshot(*busy_party())
        states = [message for message in busy_party() if message.TOPIC in ("peer.state", "audio.mixer")]
        found = {}
        for name, messages in (("levels", [m for m in busy_party() if m.TOPIC == "audio.levels"]), ("states", states)):
            found[name] = round(float(page.page.evaluate(_TIMED, [changes(*messages).decode(), FRAMES])), 3)
        return found


def _axe(browser: Browser, origin: str) -> dict[str, dict[str, int] | str]:
    """Return for each state how many elements have a finding, by its rule and impact."""
    found: dict[str, dict[str, int] | str] = {}
    for state in STATES:
        with fed(browser, "about:blank") as page:
            page.page.set_default_timeout(GIVE_UP_MS)
            if not _reached(page, origin + state.path):
                found[state.name] = "there is no such page"
                continue
            try:
                state.reach(page)
            except Error:
                found[state.name] = "not reached as it is now: the page lacks what is pressed"
            else:
                counted: Counter[str] = Counter()
                for one in all_findings(page.page):
                    counted[f"{one['impact']}: {one['id']}"] += len(one["nodes"])
                found[state.name] = dict(counted)
    return found


def _reached(page: Fed, url: str) -> bool:
    answer = page.page.goto(url)
    if f"key={KEY}" not in url:
        return True
    if answer is not None and answer.status == 404:
        return False
    page.await_link()
    return True


if __name__ == "__main__":
    main()
