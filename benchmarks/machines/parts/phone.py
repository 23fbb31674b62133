"""A phone on another machine, in its network namespace. The address and a value are lines of standard input.

    python -m benchmarks.machines.parts.phone sign-in [SCREENSHOT]
    python -m benchmarks.machines.parts.phone attack

`sign-in` is Chromium with the real page, as large as a phone. `attack` tries what who reads the cable could try.
"""

from __future__ import annotations

import asyncio
import base64
import json
import sys
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
from playwright.sync_api import ViewportSize

from cli.account.phone.sealed import PhoneKeys
from tests.cli.account.phone.phone import Phone
from tests.support.browser import chromium

SIZE: ViewportSize = {"width": 390, "height": 844}
PATHS = 10_000
"""Guesses of the path. It has 72 bits."""


def sign_in(url: str, value: str, screenshot: str) -> dict[str, object]:
    with chromium() as browser:
        page = browser.new_page(viewport=SIZE, device_scale_factor=2, is_mobile=True, has_touch=True)
        violations: list[str] = []
        page.on("console", lambda message: violations.append(message.text) if message.type == "error" else None)
        page.goto(url)
        page.get_by_placeholder("Paste here").fill("x" * 64)
        page.get_by_role("button", name="Sign in").click()
        page.locator("#said.poor").wait_for(timeout=90_000)
        refused = page.locator("#said").inner_text()
        if screenshot:
            page.screenshot(path=screenshot)
        page.get_by_placeholder("Paste here").fill(value)
        page.get_by_role("button", name="Sign in").click()
        page.locator("#said.good").wait_for(timeout=90_000)
        overflows = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        if screenshot:
            page.screenshot(path=str(Path(screenshot).with_stem(Path(screenshot).stem + "-done")))
        return {
            "refused": refused, "said": page.locator("#said").inner_text(), "overflows": overflows,
            "errors": violations,
        }  # fmt: skip


async def attack(url: str, value: str) -> dict[str, object]:
    parts = urlsplit(url)
    origin, address = f"{parts.scheme}://{parts.netloc}", f"{parts.scheme}://{parts.netloc}{parts.path}"
    public = base64.urlsafe_b64decode(parts.fragment + "=" * (-len(parts.fragment) % 4))[:32]
    stranger = Phone(base64.urlsafe_b64encode(public + bytes(16)).decode())
    found: dict[str, object] = {}
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=16)) as http:

        async def status(place: str, body: bytes | None = None, **headers: str) -> int:
            method = "GET" if body is None else "POST"
            try:
                async with http.request(method, place, data=body, headers={"Origin": origin, **headers}) as answer:
                    await answer.read()
                    return answer.status
            except aiohttp.ClientError:
                return 0

        guesses: Counter[int] = Counter()
        for at in range(0, PATHS, 16):
            places = [f"{origin}/{number:012d}/" for number in range(at, min(at + 16, PATHS))]
            guesses.update(await asyncio.gather(*(status(place) for place in places)))
        found["paths guessed"] = {str(code): count for code, count in guesses.items()}
        found["another Host"] = await status(address, Host="evil.example")
        found["another Origin"] = await status(
            address, Phone(parts.fragment).sealed(value), Origin="http://evil.example"
        )
        found["no Origin"] = await status(address, Phone(parts.fragment).sealed(value), Origin="")
        found["sealed without the password"] = await status(address, stranger.sealed(value))
        found["sealed for another key"] = await status(address, Phone(PhoneKeys().fragment).sealed(value))
        right = Phone(parts.fragment)
        refused = right.sealed("x" * 64)
        async with http.post(address, data=refused, headers={"Origin": origin}) as answer:
            found["a refused value"] = right.opened(await answer.read())["tries_left"]
        found["the same message again"] = await status(address, refused)
        forged = [await status(address, stranger.sealed(value)) for _ in range(40)]
        found["forged until it closes"] = forged.count(403)
        found["the true phone after that"] = await status(address, Phone(parts.fragment).sealed(value))
    return found


def main() -> None:
    url, value = sys.stdin.readline().strip(), sys.stdin.readline().strip()
    if sys.argv[1] == "attack":
        print(json.dumps(asyncio.run(attack(url, value))))
    else:
        print(json.dumps(sign_in(url, value, sys.argv[2] if len(sys.argv) > 2 else "")))


if __name__ == "__main__":
    main()
