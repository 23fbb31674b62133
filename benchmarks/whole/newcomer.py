"""A newcomer: from an empty home to sound in a real OBS, by clicks and pastes in the guide alone, timed step by step.

    python -m benchmarks.whole.newcomer [--sizes 1280x800 390x844] [--screenshots FOLDER] [--json FILE]

It runs what a person would: `partyline` without a word, then a browser (headless Chromium), and a real OBS under Xvfb
that is started only when the guide asks for it. A second simulator stands in for PlayStation Network. The times are
those of the machine. A person also reads. Debian's OBS has no browser source, so the page itself proposes another
route. At the end OBS records, and what it recorded is compared with what was spoken.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.cli.obs.recording import RATE, Recorded, ask, record
from tests.cli.obs.studio import Studio, studio
from tests.e2e import heard
from tests.e2e.pipeline import BIN, Control
from tests.e2e.test_a_real_realm import URLS
from tests.support.browser import chromium
from tests.support.correlate import windows
from tests.support.processes import free_port, running, short_folder
from tests.support.soundserver import SoundServer
from tests.support.waiting import eventually

SIGNED_OUT = '{"error":"invalid_grant","error_description":"Invalid login","error_code":20,"docs":"","parameters":[]}'
"""What Sony's page shows to a browser that is not signed in."""
SLOW_MS = 90_000
LIKE = 0.6
"""Least likeness to what was spoken for a voice to count as heard. What is not there has less than 0.1 (the own voice:
0.04). How good it sounds is measured by `benchmarks.obs.transports`."""
OBS_STARTS_S = 3.0
TONES = 3
"""How often the test tone is played at most. A media source that was made just now may still be connecting."""


class Newcomer:
    """The person at the browser."""

    def __init__(self, page: Page, screenshots: Path | None) -> None:
        self.page = page
        self.seconds: dict[str, float] = {}
        self.tones = 0
        """Test tones until OBS's meters showed one."""
        self._screenshots = screenshots
        self._pictures = 0
        self._since = time.monotonic()

    def done(self, step: str) -> None:
        """Note that a step is done."""
        now = time.monotonic()
        self.seconds[step] = round(now - self._since, 2)
        self._since = now

    def look(self, what: str) -> None:
        """Take a picture, which does not count as time. Fail if the page is wider than the window."""
        began = time.monotonic()
        wide = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{what}: the page is {wide} px too wide"
        self._pictures += 1
        if self._screenshots:
            self.page.screenshot(path=self._screenshots / f"{self._pictures:02} {what}.png", full_page=True)
        self._since += time.monotonic() - began

    @contextmanager
    def shown_if_lost(self) -> Iterator[None]:
        """Show where the person was when something failed."""
        try:
            yield
        except BaseException:
            sys.stderr.write(self.page.locator("section.step:visible").inner_text() + "\n")
            raise

    def click(self, words: str) -> None:
        self.page.locator("button:visible, a:visible, summary:visible", has_text=words).first.click()

    def paste(self, label: str, text: str) -> None:
        field = self.page.get_by_label(label)
        field.click()
        field.press("Control+A")
        self.page.keyboard.insert_text(text)

    def reads(self, words: str) -> None:
        """Wait until the step says so."""
        self.page.locator(f"section.step:visible >> text={words}").first.wait_for()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", nargs="+", default=["1280x800", "390x844"])
    parser.add_argument("--screenshots", type=Path)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    found = {}
    for size in args.sizes:
        folder = args.screenshots / size if args.screenshots else None
        if folder:
            folder.mkdir(parents=True, exist_ok=True)
        width, height = map(int, size.split("x"))
        found[size] = run((width, height), folder)
        print(json.dumps({size: found[size]}, indent=1), flush=True)
    if args.json:
        args.json.write_text(json.dumps(found, indent=1) + "\n")
    if not all(one["recorded"]["heard"] for one in found.values()):
        sys.exit("OBS did not record the others as they spoke. On a busy machine that says nothing of the guide.")


def run(size: tuple[int, int], screenshots: Path | None) -> dict[str, Any]:
    """Lead one newcomer through the guide. Return the seconds of each step, and what OBS recorded."""
    with ExitStack() as stack:
        server, folder = stack.enter_context(SoundServer()), stack.enter_context(short_folder())
        start = stack.enter_context(running())
        info_file = folder / "network.json"
        start("simulator", folder, None, "--info", str(info_file))
        eventually(info_file.exists, "the stand-in for PlayStation is up")
        network: dict[str, str] = json.loads(info_file.read_text())
        obs_home = folder / "obs"
        env = _environment(folder / "home", obs_home, network, server.env)
        began = time.monotonic()
        address = stack.enter_context(_started(env))
        browser = stack.enter_context(chromium())
        context = browser.new_context(viewport={"width": size[0], "height": size[1]})
        context.set_default_timeout(SLOW_MS)
        page = context.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(address)
        newcomer = Newcomer(page, screenshots)
        newcomer.seconds["start"] = round(time.monotonic() - began, 2)
        with newcomer.shown_if_lost():
            own = _into_the_party(newcomer, network)
            obs = _into_obs(newcomer, stack, server.env, obs_home)
        steps = dict(newcomer.seconds)
        total = round(sum(steps.values()), 1)
        sound = _recorded(obs, Control(network["control_url"]), own)
        newcomer.click("Back")
        newcomer.click("Remove from OBS")
        newcomer.reads("removed")
        newcomer.look("removed again")
        eventually(lambda: _sources(obs) == [], f"nothing of ours is left in OBS: {_sources(obs)}")
        assert not faults, faults
        return {"seconds": steps, "total": total, "tones": newcomer.tones, "recorded": sound}


def _environment(home: Path, obs_home: Path, network: dict[str, str], sound: dict[str, str]) -> dict[str, str]:
    """Return a newcomer's environment: no screen for `partyline`, and the stand-in's addresses for PlayStation's."""
    dropped = ("PARTYLINE_", "SUPERVISOR_", "DISPLAY", "WAYLAND_DISPLAY")
    return {
        **{key: value for key, value in os.environ.items() if not key.startswith(dropped)},
        **sound,
        "XDG_CONFIG_HOME": str(obs_home / ".config"),
        "PARTYLINE_HOME": str(home),
        "PARTYLINE_DASHBOARD__PORT": str(free_port()),
        "PARTYLINE_ICE__STUN_SERVERS": "[]",
        "PARTYLINE_AUTH__STORE": "file",
        **{f"PARTYLINE_PSN__{key.upper()}": network[key] for key in URLS},
    }


@contextmanager
def _started(env: dict[str, str]) -> Iterator[str]:
    """Run `partyline` without a word. Yield the address of the guide that it prints."""
    said = subprocess.run([BIN / "partyline"], env=env, capture_output=True, text=True, check=False, timeout=120)
    try:
        sys.stderr.write(said.stdout.replace(said.stdout.rpartition("key=")[2][:32], "…") + said.stderr)
        assert said.returncode == 0, said.stderr
        yield next(line.strip() for line in said.stdout.splitlines() if "/start?" in line)
    finally:
        subprocess.run([BIN / "partyline", "down"], env=env, capture_output=True, check=False, timeout=120)


def _into_the_party(newcomer: Newcomer, network: dict[str, str]) -> str:
    """Go through the steps up to the own member. Return their name."""
    newcomer.look("account")
    newcomer.click("I have such an account")
    newcomer.done("account")
    newcomer.reads("How to sign in")
    newcomer.look("sign in")
    newcomer.paste("NPSSO", SIGNED_OUT)
    newcomer.page.get_by_role("button", name="Sign in", exact=True).click()
    newcomer.reads("Your browser is not signed in to PlayStation")
    newcomer.look("the wrong page was pasted")
    newcomer.paste("NPSSO", json.dumps({"npsso": network["npsso"]}))
    newcomer.page.get_by_role("button", name="Sign in", exact=True).click()
    newcomer.reads("Signed in as")
    newcomer.look("signed in")
    newcomer.click("Next")
    newcomer.done("sign in")
    newcomer.reads("By the share link")
    newcomer.click("Where do I find it?")
    newcomer.look("where the link is")
    newcomer.paste("Share link or session id of a party", network["party_link"])
    newcomer.click("Join")
    newcomer.reads("It listens in")
    newcomer.look("joined")
    newcomer.click("Next")
    newcomer.done("party")
    newcomer.page.locator('.members [data-speaking="true"]').first.wait_for()
    newcomer.look("who is speaking")
    own: str = newcomer.page.locator(".members li").first.locator("strong").inner_text()
    newcomer.click("This is me")
    newcomer.reads(f"{own} is you")
    newcomer.look("that is me")
    newcomer.click("Next")
    newcomer.done("which of them is you")
    return own


def _into_obs(newcomer: Newcomer, stack: ExitStack, sound: dict[str, str], home: Path) -> Studio:
    """Set OBS up, and hear the test tone there. Return OBS."""
    newcomer.page.locator("section.step:visible .standing", has_text="OBS").wait_for()
    newcomer.reads("Look for OBS again")
    newcomer.look("OBS does not run")
    obs = stack.enter_context(studio(sound, folder=home))
    newcomer.reads("It has no sources of partyline yet")
    newcomer.look("OBS is found")
    newcomer.click("Set up OBS")
    newcomer.reads("Set up again")
    newcomer.look("OBS is set up")
    for _ in range(TONES):
        newcomer.click("Play a test tone")
        newcomer.tones += 1
        newcomer.page.locator(".verdict").wait_for()
        if is_heard := newcomer.page.locator('.verdict[data-heard="true"]').count():
            break
    newcomer.look("the test tone in OBS")
    assert is_heard, newcomer.page.locator(".report").inner_text()
    newcomer.done("OBS")
    newcomer.click("Next")
    newcomer.reads("Everything is set up")
    newcomer.look("done")
    newcomer.done("done")
    return obs


def _sources(obs: Studio) -> list[str]:
    names = [str(entry["inputName"]) for entry in ask(obs, "GetInputList")["inputs"]]
    return [name for name in names if "partyline" in name.lower()]


def _recorded(obs: Studio, control: Control, own: str) -> dict[str, Any]:
    """Let OBS record until two of the others have spoken alone. Return how like it the recording is."""
    names = {console["peer"]: console["onlineId"] for console in control.get("state")["consoles"]}
    since = time.monotonic_ns()

    def others() -> list[heard.Utterance]:
        found = heard.finished(control, since, time.monotonic_ns(), OBS_STARTS_S + 0.5)
        return [one for one in found if names.get(one.peer) != own]

    for entry in ask(obs, "GetInputList")["inputs"]:
        if entry["inputName"] not in _sources(obs):  # Desktop Audio has the voices too
            ask(obs, "SetInputMute", inputName=entry["inputName"], inputMuted=True)
    recorded = record(obs, lambda: len({one.peer for one in others()}) >= 2, "two of the others have spoken alone")
    matches = heard.lone_matches(recorded.samples, recorded.started_ns, control, since, OBS_STARTS_S)
    likes: dict[str, list[float]] = {"own": [], "others": []}
    for one in matches:
        likes["own" if names.get(one.utterance.peer) == own else "others"].append(_likeness(recorded, one))
    is_heard = min(likes["others"]) >= LIKE and all(like < LIKE for like in likes["own"])
    return {**likes, "heard": is_heard}


def _likeness(recorded: Recorded, one: heard.Match) -> float:
    """Return how like what was spoken its pieces are, in the middle: a stream plays on a clock of its own."""
    first = (one.utterance.started_ns - recorded.started_ns) * RATE // 1_000_000_000
    begin = max(0, first + round((one.delay_ms / 1000 - 0.3) * RATE))
    source = heard.source(one.utterance.voice)
    pieces = windows(recorded.samples[begin : begin + len(source) + RATE], source, RATE, window_s=0.2)
    return round(statistics.median(piece.correlation for piece in pieces), 3)


if __name__ == "__main__":
    main()
