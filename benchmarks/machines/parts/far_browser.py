"""A headless Chromium on another machine (a network namespace), and what its pages show and play."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Error, sync_playwright

from benchmarks.machines.space import HERE, WITHIN
from common.config.pages import Keys
from common.files.paths import Paths
from tests.support.browser import FLAGS, executable

LISTEN_S = 6.0
METER = """
const connect = AudioNode.prototype.connect;
AudioNode.prototype.connect = function (to, ...rest) {
  if (to instanceof AudioDestinationNode) {
    const meter = this.context.createAnalyser();
    meter.fftSize = 4096;
    connect.call(this, meter);
    window.heard = { blocks: 0, loud: 0, peak: 0 };
    setInterval(() => {
      const samples = new Float32Array(4096);
      meter.getFloatTimeDomainData(samples);
      const peak = Math.max(...samples.map(Math.abs));
      window.heard.blocks += 1;
      window.heard.loud += peak > 0.01;
      window.heard.peak = Math.max(window.heard.peak, peak);
    }, 85);
  }
  return connect.call(this, to, ...rest);
};
"""
"""Counts blocks of 85 ms with sound, where the page's sound leaves for the device."""


@dataclass
class FarBrowser:
    """Pages as the other machine's browser sees them."""

    browser: Browser
    pictures: Path

    @contextlib.contextmanager
    def context(self) -> Iterator[BrowserContext]:
        made = self.browser.new_context(viewport={"width": 1100, "height": 750})
        made.add_init_script(METER)
        try:
            yield made
        finally:
            made.close()

    def refused(self, name: str, address: str) -> str:
        """Return why the browser does not open an address."""
        with self.context() as made:
            page = made.new_page()
            try:
                page.goto(address)
            except Error as error:
                page.wait_for_timeout(500)
                page.screenshot(path=self.pictures / f"{name}.png")
                return error.message.partition("\n")[0].replace(address, "…")
            return "it opens"

    def opened(self, name: str, address: str) -> dict[str, Any]:
        with self.context() as made:
            page = made.new_page()
            reply = page.goto(address)
            page.wait_for_timeout(1500)
            page.screenshot(path=self.pictures / f"{name}.png")
            return {
                "status": reply.status if reply else 0,
                "secure context": page.evaluate("isSecureContext"),
                "AudioWorklet": page.evaluate("'audioWorklet' in BaseAudioContext.prototype"),
                "words": page.evaluate("document.body.innerText.length"),
            }

    @contextlib.contextmanager
    def playing(self, name: str, base: str, keys: Keys) -> Iterator[dict[str, Any]]:
        """Play the mix while the caller does something. What is heard after that is in the yielded dict then."""
        found: dict[str, Any] = {}
        with self.context() as made:
            page = made.new_page()
            page.goto(f"{base}/obs-audio?key={keys.read}")
            page.locator("body[data-playing='true']").wait_for(state="attached", timeout=20_000)
            before = page.evaluate("({ ...document.body.dataset })")
            yield found
            page.evaluate("Object.assign(window.heard, { blocks: 0, loud: 0, peak: 0 })")
            page.wait_for_timeout(int(1000 * LISTEN_S))
            after = page.evaluate("({ ...document.body.dataset })")
            heard = page.evaluate("window.heard")
            page.screenshot(path=self.pictures / f"{name}.png")
            found |= {
                "secure context": page.evaluate("isSecureContext"),
                "blocks of 85 ms": heard["blocks"],
                "with sound": heard["loud"],
                "peak": round(heard["peak"], 3),
                "link": after["link"],
                **{what: float(after[what]) - float(before[what]) for what in ("underruns", "lost")},
                "buffered ms": round(float(after["fill_ms"])),
            }


@contextlib.contextmanager
def browser(desk: Paths, name: str) -> Iterator[Browser]:
    """Yield a Chromium on the other machine, whose home is that of the desk."""
    program = desk.home / "chromium"
    words = " ".join((*WITHIN, executable(), '"$@"'))
    program.write_text(f"#!/bin/sh\nexec {words}\n")
    program.chmod(0o755)
    flags = (*FLAGS, f"--host-resolver-rules=MAP {name} {HERE}")
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(
            executable_path=str(program), args=list(flags), chromium_sandbox=False,
            env={**os.environ, "HOME": str(desk.home)}, ignore_default_args=["--mute-audio"],
        )  # fmt: skip
        try:
            yield made
        finally:
            made.close()
