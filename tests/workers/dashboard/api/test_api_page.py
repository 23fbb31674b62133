"""The page of the API, and the card with its keys, in a real Chromium with a real dashboard worker."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from common.api import keys
from common.api.rights import NEEDED, TOPICS, Right
from common.requests import LeaveParty, SetMute
from tests.support.processes import free_port
from tests.support.waiting import eventually
from tests.workers.dashboard.api.programs import EXAMPLES
from tests.workers.dashboard.stage import Stage, member, staged
from tests.workers.dashboard.window import DESKTOP, PHONE, opened

BO, CY = member(1), member(2)
ELSEWHERE = free_port()
"""The port of another site on this machine."""


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with staged(PARTYLINE_API__ORIGINS=json.dumps([f"http://localhost:{ELSEWHERE}"])) as made:
        made.furnish()
        made.signed_in()
        made.party(2)
        yield made


def use(page: Page, stage: Stage, right: Right) -> str:
    _, key = keys.make(stage.paths, f"{right} {len(keys.load(stage.paths))}", right)
    said = page.get_by_text(re.compile(f"^This key has the right {right}"))

    def accepted() -> bool:
        page.get_by_label("API key").fill(key)
        page.get_by_role("button", name="Use this key").click()
        page.locator("#key-box button:not([disabled])").first.wait_for()
        return said.is_visible()

    eventually(accepted, "the key is taken up", every_s=0.2)
    return key


def test_everything_is_on_the_page_can_be_found_linked_to_and_fits_a_phone(stage: Stage, browser: Browser) -> None:
    with opened(browser, f"{stage.origin}/api#topic-peer.speaking") as page:
        page.locator("#example-show-levels").wait_for()
        ids = page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
        assert len(ids) == len(set(ids))
        assert {*(cls.__name__ for cls in NEEDED), *(f"topic-{cls.TOPIC}" for cls in TOPICS), "frame-hello"} <= set(ids)
        expect(page.locator("[id='topic-peer.speaking']")).to_be_in_viewport()
        links = set(page.evaluate("[...document.querySelectorAll('a[href^=\"#\"]')].map(a => a.hash.slice(1))"))
        assert links <= set(ids)

        page.keyboard.press("/")
        page.keyboard.type("gain_db talker's")
        expect(page.locator("#SetGain")).to_be_visible()
        expect(page.locator("#LeaveParty")).to_be_hidden()
        expect(page.locator("#found")).to_have_text(re.compile(r"^\d+ entr"))
        page.evaluate("location.hash = 'LeaveParty'")
        expect(page.locator("#LeaveParty")).to_be_in_viewport()
        assert page.get_by_label("Search the API").input_value() == ""

        for size in (DESKTOP, PHONE, (320, 500)):
            page.set_viewport_size({"width": size[0], "height": size[1]})
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{size} scrolls sideways"


def test_with_a_reading_key_events_are_watched_filtered_and_paused_and_nothing_is_changed(
    stage: Stage, browser: Browser
) -> None:
    with opened(browser, f"{stage.origin}/api") as page:
        addresses: list[str] = []
        page.on("request", lambda request: addresses.append(request.url))
        page.on("websocket", lambda socket: addresses.append(socket.url))
        key = use(page, stage, "read")
        events = page.get_by_role("log")
        page.get_by_label("Members").fill(BO.account_id)
        page.get_by_role("button", name="Watch events").click()
        expect(events).to_contain_text('snapshot {"party.state/"')
        stage.speak(CY, BO)
        expect(events).to_contain_text(f"peer.speaking/{BO.peer}")
        expect(events).not_to_contain_text(f"event peer.speaking/{CY.peer}")
        expect(events).not_to_contain_text("audio.levels")
        page.get_by_label("audio.levels (ten a second)").check()
        eventually(
            lambda: (stage.levels((BO, CY)), "audio.levels/" in events.inner_text())[1], "levels come", every_s=0.2
        )
        page.get_by_role("button", name="Pause").click()
        before = events.inner_text()
        stage.speak(BO, speaking=False)
        expect(page.locator("#watch [role=status]")).to_contain_text("wait.")
        assert events.inner_text() == before
        page.get_by_role("button", name="Go on").click()
        expect(events).to_contain_text('"speaking":false')

        entry = page.locator("#SetMute")
        entry.locator("summary", has_text="Try it").click()
        expect(entry.get_by_role("button", name="Send")).to_be_disabled()
        expect(entry).to_contain_text("This key does not allow it")
        state = page.locator("#State")
        state.locator("summary", has_text="Try it").click()
        state.get_by_label("topics").fill("party.state")
        state.get_by_role("button", name="Send").click()
        expect(state.locator("pre")).to_contain_text("Friday raid")
        assert all(key not in address for address in [*addresses, page.url])

        keys.remove(stage.paths, key.split(".")[1])
        expect(page.locator("#watch [role=status]")).to_contain_text("This key was revoked.")


def test_a_request_is_tried_and_what_lasts_is_asked_about_first(stage: Stage, browser: Browser) -> None:
    with opened(browser, stage.url("api")) as page:
        page.get_by_role("button", name="Use the dashboard's own").click()
        expect(page.get_by_text("This key has the right admin.")).to_be_visible()
        assert "key" not in page.url, "a key in the address does not stay there"
        entry = page.locator("#SetMute")
        entry.locator("summary", has_text="Try it").click()
        entry.get_by_label("peer").fill(BO.peer)
        assert page.locator(f"#api-members option[value='{BO.peer}']").count() == 1
        entry.get_by_role("button", name="Send").click()
        stage.await_asked(SetMute(peer=BO.peer, muted=True))
        expect(entry.get_by_role("status")).to_have_text("Done.")

        leave = page.locator("#LeaveParty")
        leave.locator("summary", has_text="Try it").click()
        leave.get_by_role("button", name="Send").click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("You leave the party.")
        expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
        page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)
        assert LeaveParty() not in stage.asked
        leave.get_by_role("button", name="Send").click()
        dialog.get_by_role("button", name="Send LeaveParty").click()
        stage.await_asked(LeaveParty())

        page.locator("#example-mute-by-name summary").first.click()
        expect(page.get_by_label("mute-by-name.py")).to_have_text(
            (EXAMPLES / "python" / "mute-by-name.py").read_text("utf-8").strip(), use_inner_text=False
        )
        page.get_by_role("button", name="Forget the key").click()
        expect(leave.get_by_role("button", name="Send")).to_be_disabled()
        assert page.evaluate("sessionStorage.getItem('partyline.api-key')") is None


@contextmanager
def serving(folder: Path) -> Iterator[None]:
    """Serve a folder at `ELSEWHERE`. Chromium asks a page of nowhere not to call this machine."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", ELSEWHERE), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join(20)


def test_a_page_of_another_site_shows_levels(stage: Stage, browser: Browser, tmp_path: Path) -> None:
    """The example for a browser, at an origin that may call."""
    _, key = keys.make(stage.paths, "browser", "read")
    text = (EXAMPLES / "javascript" / "show-levels.html").read_text("utf-8").replace("8770", str(stage.settings.port))
    (tmp_path / "show-levels.html").write_text(text, "utf-8")
    with (
        serving(tmp_path),
        opened(browser, f"http://localhost:{ELSEWHERE}/show-levels.html") as page,
    ):
        page.get_by_label("API key").fill(key)

        def shown() -> bool:
            page.get_by_role("button", name="Connect").click()
            stage.levels((BO,))
            return page.get_by_text("Bo-Streams: -14 dB").count() > 0

        eventually(shown, "levels are shown", every_s=0.3)


def test_keys_are_made_copied_renamed_and_revoked_on_the_dashboard(stage: Stage, browser: Browser) -> None:
    with opened(browser, stage.url()) as page:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=stage.origin)
        card = page.get_by_role("region", name="Other programs")
        card.locator("summary").click()
        card.get_by_label("Program that gets a key").fill("OSC bridge")
        card.get_by_label("Right of the key").select_option("read")
        expect(card).to_contain_text("It may see the whole state and all events.")
        card.get_by_role("button", name="Make a key").click()
        shown = card.get_by_label("The new key")
        expect(shown).to_be_visible()
        key = shown.input_value()
        assert keys.find(keys.load(stage.paths), key).name == "OSC bridge"  # type: ignore[union-attr]
        card.get_by_role("button", name="Copy").click()
        expect(page.get_by_text("Copied.")).to_be_visible()
        assert page.evaluate("navigator.clipboard.readText()") == key
        card.get_by_role("button", name="Done").click()
        assert key not in page.content()

        card.get_by_role("button", name="Rename OSC bridge").click()
        card.get_by_label("New name of OSC bridge").fill("TouchOSC")
        page.keyboard.press("Enter")
        row = card.get_by_role("listitem").filter(has_text="TouchOSC")
        expect(row).to_contain_text("never used")
        row.get_by_role("button", name="Revoke").click()
        assert keys.find(keys.load(stage.paths), key), "one click revokes nothing"
        row.get_by_role("button", name="Shut TouchOSC out?").click()
        expect(row).to_have_count(0)
        assert keys.find(keys.load(stage.paths), key) is None
        assert key not in stage.dashboard.output
        for size in (DESKTOP, PHONE, (320, 500)):
            page.set_viewport_size({"width": size[0], "height": size[1]})
            assert card.evaluate("e => e.scrollWidth <= e.clientWidth"), f"nothing sticks out at {size}"
