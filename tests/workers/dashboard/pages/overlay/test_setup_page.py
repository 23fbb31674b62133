"""/overlay-setup in a real Chromium: what is chosen is seen at once, and the address that comes out does the same."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import msgspec
from playwright.sync_api import Browser, Page, expect

from common.messages import ObsSetup, ObsSource, ObsState
from common.requests import ObsChange, ObsChanged
from tests.support.waiting import eventually
from tests.workers.dashboard.pages.fed import KEY, Fed, fed, healthy, served
from tests.workers.dashboard.stage import Stage, member
from tests.workers.dashboard.window import opened
from workers.dashboard.avatars.images import Avatar
from workers.dashboard.live.people import OverlayPerson

BO, CLEO, DUNCAN = (member(number) for number in range(1, 4))
SHALOM = "\u05e9\u05dc\u05d5\u05dd"
"""A word from right to left."""


def copied(page: Page) -> str:
    """Return what the copy button puts into the clipboard."""
    page.get_by_role("button", name="Copy the address").click()
    expect(page.get_by_text("Copied.")).to_be_visible()
    return str(page.evaluate("navigator.clipboard.readText()"))


def test_what_is_chosen_is_seen_at_once_and_is_what_the_address_shows(party: Stage, browser: Browser) -> None:
    party.party(3)
    party.speak(BO, CLEO, DUNCAN, speaking=False)
    with opened(browser, party.url("overlay-setup"), (390, 844)) as page:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        faces = page.locator("#preview .person")
        expect(faces).to_have_count(3)
        expect(page.get_by_label("Shows", exact=True)).to_have_value("party")
        assert party.keys.full not in page.url
        assert page.evaluate("document.documentElement.scrollWidth") <= 390

        page.get_by_label("Layout").select_option("row")
        page.get_by_label("Order").select_option("hand")
        page.get_by_label("Order").press("Tab")
        page.get_by_label("While speaking").select_option("bounce")
        page.get_by_label(re.compile("^Shown as: .*Cleo_99")).fill(f"\u202e{SHALOM}\U0001f600")
        page.get_by_label(re.compile("^Shown as: .*Cleo_99")).press("Tab")
        page.get_by_label(re.compile("^Hidden: .*Duncan")).check()
        page.get_by_label(re.compile("^Move up: .*Cleo_99")).click()
        page.get_by_label(re.compile("^A place of its own: .*Bo-Streams")).check()
        page.get_by_label(re.compile("^across in %: .*Bo-Streams")).fill("100")
        page.get_by_label(re.compile("^across in %: .*Bo-Streams")).press("Tab")
        expect(faces).to_have_count(2)
        expect(page.locator("#preview")).to_have_attribute("data-layout", "row")
        expect(page.locator("#preview .name", has_text=SHALOM)).to_be_visible()
        address = copied(page)
        assert party.keys.full not in address
        assert party.keys.read not in page.get_by_label("Address", exact=True).input_value()
        expect(page).to_have_url(re.compile("layout=row"))
        party.speak(BO)
        party.levels((BO, CLEO, DUNCAN), 0)
        expect(faces.filter(has_text="Bo-Streams").locator(".face")).to_have_attribute(
            "style", re.compile("bounce: 0.8")
        )

        page.get_by_label("Go on with an address").fill("https://example.org/overlay")
        page.get_by_role("button", name="Read it").click()
        expect(page.get_by_role("alert")).to_contain_text("not the address of partyline's overlay")
        page.get_by_label("Go on with an address").fill(
            f"http://127.0.0.1:{party.settings.port}/overlay?key=old&layout=bubbles"
        )
        page.get_by_role("button", name="Read it").click()
        expect(page.locator("#preview")).to_have_attribute("data-layout", "bubbles")
        expect(page.get_by_text("an old one")).to_be_visible()
        assert parse_qs(urlsplit(copied(page)).query) == {"key": [party.keys.read], "layout": ["bubbles"]}

    with opened(browser, address, (600, 300)) as overlay:
        people = overlay.locator(".person")
        expect(people).to_have_count(2)
        bo, cleo = people.filter(has_text="Bo-Streams"), people.filter(has_text=SHALOM)
        expect(bo).to_have_class(re.compile("speaking"))
        party.levels((BO, CLEO, DUNCAN), -1)
        expect(bo.locator(".face")).to_have_attribute("style", re.compile("bounce: 0;"))
        box = bo.bounding_box()
        assert box
        assert round(box["x"] + box["width"]) == 600
        left = cleo.locator(".face").bounding_box()
        right = cleo.locator(".name").bounding_box()
        assert left
        assert right
        assert left["x"] + left["width"] <= right["x"]  # the name has not turned its row around
    party.speak(BO, speaking=False)


def shown(name: str, account: str) -> OverlayPerson:
    return OverlayPerson(id=name, account=account, name=name, avatar=Avatar(hue=1))


def test_a_face_is_dragged_to_its_place_and_made_up_people_leave_nothing_in_the_address(browser: Browser) -> None:
    with served() as origin, fed(browser, f"{origin}/overlay-setup?key={KEY}") as setup:
        page = setup.page
        address = page.get_by_label("Address", exact=True)
        setup.people()  # nobody is in a party: made-up people are there
        page.get_by_label("Hidden: ").first.check()
        expect(page.locator("#preview .person")).to_have_count(4)
        expect(address).to_have_value(f"{origin}/overlay?key=•••")
        setup.people(shown("Bo", "0000000a"), shown("Cleo", "0000000b"))
        face, preview = page.locator("#preview .face").nth(1), page.locator("#preview")
        expect(page.locator("#preview .person")).to_have_count(2)
        start, room = face.bounding_box(), preview.bounding_box()
        assert start
        assert room
        page.mouse.move(start["x"] + 5, start["y"] + 5)
        page.mouse.down()
        page.mouse.move(room["x"] + room["width"] + 50, room["y"] + room["height"] + 50, steps=4)
        page.mouse.up()
        expect(page.get_by_label(re.compile("across in %: .*Cleo"))).to_have_value("100")  # stays inside
        expect(address).to_have_value(f"{origin}/overlay?key=•••&p=0000000b.x100.y100")
        expect(page).to_have_url(re.compile(r"\?p=0000000b\.x100\.y100$"))


def test_what_cannot_be_copied_or_is_too_long_is_said_with_what_to_do(browser: Browser) -> None:
    strangers = "&".join(f"p={number:08x}.h" for number in range(615))  # just too many
    with served() as origin, fed(browser, f"{origin}/overlay-setup?key={KEY}&{strangers}") as setup:
        page = setup.page
        setup.people(shown("Bo", "0000000a"))
        copy = page.get_by_role("button", name="Copy the address")
        expect(page.get_by_text("too long for partyline")).to_be_visible()
        expect(copy).to_be_disabled()
        page.get_by_role("button", name="Forget who is not here").click()
        page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
        copy.click()
        expect(page.get_by_text("does not let the page copy")).to_be_visible()
        expect(page.get_by_label("Address", exact=True)).to_have_value(
            f"{origin}/overlay?key=a-reading-key&p=0000000a.h"
        )
        assert page.evaluate("document.activeElement.selectionEnd - document.activeElement.selectionStart") > 40


# --- in OBS ------------------------------------------------------------------------------------------

THERE = ObsState(connected=True, version="30.2.3", has_browser=True, scenes=("Game", "Break"), scene="Game")


def showing(look: str, *scenes: str) -> ObsState:
    """Return an OBS with our overlay."""
    overlay = ObsSource(name="partyline overlay", carries="overlay", scenes=scenes, look=look)
    return msgspec.structs.replace(THERE, sources=(overlay,))


def asked(setup: Fed) -> tuple[str, dict[str, object]]:
    """Return what the page asked for last, once it has asked."""
    eventually(lambda: setup.asked()[-1][0] != "CheckObs", f"something is asked: {setup.asked()}")
    return setup.asked()[-1]


def test_the_overlay_is_put_into_obs_changed_there_and_taken_out_by_clicks(browser: Browser) -> None:
    with served() as origin, fed(browser, f"{origin}/overlay-setup?key={KEY}", (390, 844)) as setup:
        page, card = setup.page, setup.page.locator("#obs")
        setup.people()
        setup.snapshot(*healthy())
        assert setup.asked()[-1] == ("CheckObs", {})
        setup.answer(THERE)
        expect(card).to_contain_text("OBS 30.2.3 is there. It has no overlay of partyline.")
        page.get_by_label("Layout").select_option("row")
        card.get_by_label("Scene").select_option("Break")
        card.get_by_role("button", name="Put this overlay into OBS").click()
        new = {"look": "layout=row", "scene": "Break", "width": 400, "height": 900}
        assert asked(setup) == ("PutOverlayIntoObs", new)
        setup.answer(ObsChanged(state=showing("layout=row", "Break"), changes=(ObsChange(name="o", done="created"),)))
        expect(card).to_contain_text("“o” is in OBS now.")
        expect(card).to_contain_text("The overlay is in OBS, in Break. It looks there as on this page.")

        page.get_by_label("Layout").select_option("bubbles")
        expect(card).to_contain_text("It looks different there from this page.")
        card.get_by_role("button", name="Change it in OBS").click()
        assert asked(setup) == (
            "PutOverlayIntoObs",
            {"look": "layout=bubbles", "scene": "Break", "width": 0, "height": 0},
        )
        setup.answer(error="OBS was closed.")
        expect(card.get_by_role("alert")).to_contain_text("OBS was closed.")
        card.get_by_role("button", name="Show how it looks in OBS").click()
        expect(page.locator("#preview")).to_have_attribute("data-layout", "row")

        page.get_by_label("Width").fill("600")
        page.get_by_label("Width").press("Tab")
        card.get_by_role("button", name="Change it in OBS").click()
        assert asked(setup)[1] == {"look": "layout=row", "scene": "Break", "width": 600, "height": 900}
        setup.answer(ObsChanged(state=showing("layout=row"), changes=(ObsChange(name="o", done="updated"),)))
        expect(card).to_contain_text("in no scene, so nobody sees it")
        card.get_by_role("button", name="Take it out of OBS").click()
        assert asked(setup) == ("TakeOverlayFromObs", {})
        setup.answer(ObsChanged(state=THERE, changes=(ObsChange(name="o", done="removed"),)))
        expect(card).to_contain_text("The overlay was taken out of OBS.")
        expect(card.get_by_role("button", name="Take it out of OBS")).to_be_hidden()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_an_obs_that_cannot_show_it_or_is_not_there_is_no_error_and_says_what_to_do(browser: Browser) -> None:
    with served() as origin, fed(browser, f"{origin}/overlay-setup?key={KEY}") as setup:
        card = setup.page.locator("#obs")
        button = card.get_by_role("button", name="Put this overlay into OBS")
        setup.people()
        closed = ObsState(setup=ObsSetup(route="stream"), problem="OBS is not running.", remedy="Start OBS.")
        setup.snapshot(*healthy(), closed)
        expect(card).to_contain_text("OBS is not running. Start OBS.")
        expect(button).to_be_disabled()
        setup.feed(msgspec.structs.replace(THERE, has_browser=False, setup=ObsSetup(route="stream")))
        expect(card).to_contain_text("This OBS has no Browser Source")
        expect(button).to_be_disabled()
        expect(card.get_by_role("alert")).to_have_count(0)
