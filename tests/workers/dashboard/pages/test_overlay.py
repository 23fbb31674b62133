"""/overlay in a real Chromium: who is here and who speaks, as it lies over a stream."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

from tests.workers.dashboard.pages.fed import KEY, fed, served
from tests.workers.dashboard.stage import Stage, member
from tests.workers.dashboard.window import opened
from workers.dashboard.avatars.images import Avatar
from workers.dashboard.live.people import OverlayPerson

ALL = tuple(member(number) for number in range(4))
BO, CLEO = ALL[1], ALL[2]


@pytest.fixture(scope="module")
def pages() -> Iterator[str]:
    with served() as origin:
        yield origin


def test_the_overlay_shows_who_is_here_who_speaks_who_is_muted_who_comes_and_goes(
    party: Stage, browser: Browser
) -> None:
    party.speak(BO, CLEO, speaking=False)
    with opened(browser, party.url("overlay", reading=True, size="60", ring="#ff0000")) as page:
        people = page.locator(".person")
        expect(people).to_have_count(2)  # not ourselves
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgba(0, 0, 0, 0)"
        assert page.evaluate("document.querySelector('.face').offsetWidth") == 60
        party.speak(BO)
        expect(people.nth(0)).to_have_class(re.compile("speaking"))
        expect(people.nth(0).locator(".face")).to_have_css("box-shadow", re.compile(r"rgb\(255, 0, 0\)"))
        party.mixer(ALL[1:3], **{BO.peer: {"muted": True}})
        expect(people.nth(0)).to_have_class(re.compile("muted"))
        expect(people.nth(0)).not_to_have_class(re.compile("speaking"))
        party.party(3)
        expect(people.nth(2)).to_contain_text("joined")
        party.party(1)
        expect(people.nth(2)).to_contain_text("left")
        expect(people).to_have_count(1)
        party.speak(BO, speaking=False)


def test_the_overlay_may_show_speakers_only(party: Stage, browser: Browser) -> None:
    party.speak(BO, speaking=False)
    with opened(browser, party.url("overlay", reading=True, only="speaking", grace="0", layout="row")) as page:
        person = page.locator(".person").first
        expect(person).to_be_hidden()
        party.speak(BO)
        expect(person).to_be_visible()
        party.speak(BO, speaking=False)
        expect(person).to_be_hidden()


def test_the_overlay_has_made_up_people_without_key_or_party(stage: Stage, browser: Browser) -> None:
    with opened(browser, stage.origin + "/overlay?demo=1&layout=nonsense&size=-5") as page:
        expect(page.locator(".person.speaking").first).to_be_visible()
        expect(page.locator("body")).to_have_attribute("data-layout", "column")


def test_the_overlay_takes_the_style_that_obs_puts_into_it(stage: Stage, browser: Browser) -> None:
    with opened(browser, stage.origin + "/overlay?demo=1") as page:
        page.evaluate(
            "const s = document.createElement('style'); s.innerHTML = '.name { color: rgb(1, 2, 3) }';"
            "document.querySelector('head').appendChild(s)"
        )
        expect(page.locator(".name").first).to_have_css("color", "rgb(1, 2, 3)")


def test_a_whole_party_fits_into_the_size_that_is_recommended_unless_a_size_was_chosen(
    party: Stage, browser: Browser
) -> None:
    party.party(15)
    inside = """[...document.querySelectorAll('.person')].filter(e => {
        const box = e.getBoundingClientRect();
        return box.bottom <= innerHeight && box.right <= innerWidth;
    }).length"""
    with opened(browser, party.url("overlay", reading=True), (400, 900)) as page:
        expect(page.locator(".person")).to_have_count(15)
        page.wait_for_function(f"{inside} === 15")
    with opened(browser, party.url("overlay", reading=True, size="48"), (400, 900)) as page:
        expect(page.locator(".person")).to_have_count(15)
        expect(page.locator(".face").first).to_have_css("width", "48px")


@pytest.mark.parametrize(
    ("query", "motion", "path"),
    [
        ("", "no-preference", "/people"),
        ("&motion=bounce", "no-preference", "/people?levels=1"),
        ("&motion=mouth", "reduce", "/people"),
    ],
)
def test_levels_are_asked_for_only_where_faces_move(
    browser: Browser, pages: str, query: str, motion: str, path: str
) -> None:
    """They do not where the system asks for less motion."""
    with fed(browser, f"{pages}/overlay?key={KEY}{query}", reduced_motion=motion) as overlay:
        assert urlsplit(overlay.page.evaluate("sockets[0].url"))._replace(scheme="", netloc="").geturl() == path
        overlay.people(OverlayPerson(id="1", account="0000000a", name="Bo", avatar=Avatar(hue=1), speaking=True))
        bounce = "0" if path == "/people" else "0.5"  # its level is not known
        expect(overlay.page.locator(".face")).to_have_attribute("style", re.compile(f"--bounce: {bounce};"))
