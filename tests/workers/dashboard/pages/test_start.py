"""The guide: each step says what is true, is reached by keyboard and address, and asks for the right thing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from common.messages import MixerState, ObsSetup, ObsSource, ObsState
from tests.workers.dashboard.pages.fed import (
    KEY,
    OTHERS,
    Fed,
    fed,
    healthy,
    no_party,
    party,
    said,
    served,
    signed_in,
    signed_out,
)

GUIDE = f"/start?key={KEY}"
STEPS = ("account", "sign-in", "party", "you", "obs", "done")
NARROW = (320, 640)
FEW = OTHERS[:3]
BO, CLEO = OTHERS[:2]
SMALL = """
() => [...document.querySelectorAll("button, input, select, summary, .as-button, .steps a")].filter((one) => {
  const { width, height } = (one.closest("label") ?? one).getBoundingClientRect();
  return width && (width < 24 || height < 24);
}).map((one) => one.outerHTML.slice(0, 80))
"""
"""Targets below 24 px in either direction: WCAG 2.5.8. Links within a sentence are exempt there."""
OBS_THERE = ObsState(connected=True, version="30.2.3", has_browser=True, scenes=("Scene",), audio_sources=("Game",))


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    with served() as origin:
        yield origin


@pytest.fixture(scope="module")
def shared(browser: Browser, origin: str) -> Iterator[Fed]:
    """The guide in a narrow window, shared by the tests below."""
    with fed(browser, origin + GUIDE, NARROW) as page:
        yield page


@pytest.fixture
def guide(shared: Fed) -> Fed:
    """The guide as a newcomer finds it: signed out, and nothing marked."""
    shared.page.evaluate("localStorage.clear()")
    shared.open(shared.page.url.partition("/start")[0] + GUIDE)
    shared.snapshot(*healthy(), signed_out(), no_party())
    return shared


def own(account_id: str) -> MixerState:
    return MixerState(sink="null", wanted_sink="null", where="nowhere", own_account=account_id)


def go(guide: Fed, step: str) -> Page:
    guide.page.evaluate("step => { location.hash = step }", step)
    guide.page.locator(f"#title-{step}:visible").wait_for()
    return guide.page


def present(guide: Fed) -> str:
    return str(guide.page.evaluate("location.hash.slice(1)"))


def last(guide: Fed, name: str) -> dict[str, Any]:
    return next(fields for asked, fields in reversed(guide.asked()) if asked == name)


def test_no_step_overflows_a_narrow_window_or_has_small_targets(guide: Fed) -> None:
    setup = ObsState(connected=True, setup=ObsSetup(route="mix"), sources=(ObsSource(name="voices", carries="mix"),))
    found = {}
    for state in ((signed_out(), no_party()), (signed_in(), *party(FEW), setup)):
        guide.snapshot(*healthy(), *state)
        for step in STEPS:
            page = go(guide, step)
            wide = page.evaluate("document.documentElement.scrollWidth")
            found[step, len(state)] = (wide <= NARROW[0], page.evaluate(SMALL))
    assert set(map(str, found.values())) == {"(True, [])"}, found


def test_it_opens_at_the_first_step_that_is_left(guide: Fed) -> None:
    assert present(guide) == "account"
    guide.page.get_by_role("button", name="I have such an account").click()
    assert present(guide) == "sign-in"
    guide.feed(signed_in())
    done = guide.page.locator('.steps [data-stands="done"]')
    expect(done).to_have_count(2)
    guide.page.get_by_role("link", name="Next: Your party").click()
    guide.page.get_by_role("link", name="Skip this step").click()
    assert present(guide) == "you"
    guide.open(guide.page.url.partition("/start")[0] + GUIDE)
    guide.snapshot(*healthy(), signed_in(), no_party())
    assert present(guide) == "you"  # what was skipped is remembered


def test_the_keyboard_leads_to_the_next_title(guide: Fed) -> None:
    page = go(guide, "sign-in")
    page.get_by_role("link", name="Skip this step").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#title-party")).to_be_focused()


def test_a_wrong_paste_is_told_where_it_was_pasted(guide: Fed) -> None:
    page = go(guide, "sign-in")
    page.get_by_label("NPSSO").fill('{"error_code":20}')
    page.get_by_role("button", name="Sign in", exact=True).click()
    assert last(guide, "SignIn") == {"pasted": '{"error_code":20}'}
    page_of_sony = "https://ca.account.sony.example/api/v1/ssocookie"
    guide.answer(error=f"Your browser is not signed in at {page_of_sony}.")
    told = page.get_by_role("alert").filter(has_text=f"signed in at {page_of_sony}. Ask for a new link.")
    expect(told).to_be_visible()
    expect(page.locator(".toast")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW[0]


def test_who_speaks_is_lit_and_who_one_is_can_be_chosen_and_undone(guide: Fed) -> None:
    guide.feed(signed_in(), *party(FEW), said(CLEO, speaking=True))
    page = go(guide, "you")
    expect(page.locator('.members [data-speaking="true"]')).to_contain_text(CLEO.online_id)
    page.get_by_role("button", name=f"{CLEO.online_id}: this is me").click()
    assert last(guide, "SetOwnMember") == {"account_id": CLEO.account_id}
    guide.answer(error="not now")
    guide.feed(own(CLEO.account_id))
    chosen = page.get_by_role("button", name=f"{CLEO.online_id}: this is me")
    expect(chosen).to_have_attribute("aria-pressed", "true")
    expect(page.locator("section:visible .standing")).to_contain_text(f"{CLEO.online_id} is you.")
    chosen.click()
    assert last(guide, "SetOwnMember") == {"account_id": ""}


def test_a_missing_obs_is_no_error_and_one_that_came_is_set_up_by_a_click(guide: Fed) -> None:
    guide.feed(ObsState(problem_code="obs.server-off", problem="Its server is off.", remedy="Switch it on."))
    page = go(guide, "obs")
    expect(page.locator("section:visible .standing")).to_contain_text("Its server is off. Switch it on.")
    expect(page.locator("[role=alert]:visible")).to_have_count(0)
    assert "CheckObs" in [asked for asked, _ in guide.asked()]
    guide.feed(OBS_THERE)
    page.get_by_label("A source for each person").check()
    page.get_by_label("Audio tracks of their own").check()
    page.get_by_role("button", name="Set up OBS").click()
    assert last(guide, "SetUpObs") == {
        "route": "each", "overlay": True, "scene": "", "tracks": True, "duck": False, "duck_source": "",
    }  # fmt: skip


def test_an_obs_without_browser_sources_gets_the_stream(guide: Fed) -> None:
    guide.feed(ObsState(connected=True, version="29.0.2", has_browser=False))
    page = go(guide, "obs")
    expect(page.get_by_label("A media source with all voices")).to_be_checked()
    expect(page.get_by_label("All voices in one source")).to_be_disabled()
    page.get_by_role("button", name="Set up OBS").click()
    assert (last(guide, "SetUpObs")["route"], last(guide, "SetUpObs")["overlay"]) == ("stream", False)


def test_whoever_has_set_everything_up_comes_to_the_dashboard(guide: Fed) -> None:
    setup = ObsState(connected=True, setup=ObsSetup(route="mix"), sources=(ObsSource(name="voices", carries="mix"),))
    guide.open(guide.page.url.partition("/start")[0] + GUIDE + "&unless=ready")
    guide.snapshot(*healthy(), signed_in(), no_party(), own(BO.account_id), setup)
    guide.page.wait_for_url("**/")
