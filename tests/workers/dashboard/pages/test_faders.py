"""The rows of the dashboard and the dock: how many are seen, what moves them, what a finger or a key does to them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from common.messages import Levels, MixerState
from tests.workers.dashboard.pages.fed import (
    KEY,
    OTHERS,
    Fed,
    busy_party,
    fed,
    healthy,
    no_party,
    party,
    problem,
    said,
    served,
    signed_in,
)
from tests.workers.dashboard.window import DESKTOP, PHONE

BO, CLEO, DUNCAN = OTHERS[:3]
FEW = OTHERS[:3]
DASHBOARD, DOCK = f"/?key={KEY}", f"/dock?key={KEY}"
FULLY_SEEN = """
() => [...document.querySelectorAll(".talker")].filter((row) => {
  const { top, bottom, left, right } = row.getBoundingClientRect();
  return top >= 0 && left >= 0 && bottom <= innerHeight && right <= innerWidth;
}).length
"""
TOO_SMALL = """
() => [...document.querySelectorAll("a, button, input, select, summary")].filter((one) => {
  const { width, height } = one.getBoundingClientRect();
  return width && (width < 24 || height < 24);
}).map((one) => one.outerHTML.slice(0, 80))
"""
"""Targets below 24 px in either direction: WCAG 2.5.8."""


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    with served() as origin:
        yield origin


@pytest.fixture(scope="module")
def faders(browser: Browser, origin: str) -> Iterator[Fed]:
    """The dashboard, shared by the tests below. Each begins with a snapshot."""
    with fed(browser, origin + DASHBOARD) as page:
        yield page


def few(faders: Fed, *more: Any, mix: dict[str, Any] | None = None) -> Page:
    faders.calm()
    faders.page.mouse.move(5, 790)  # no row is below it
    faders.snapshot(*healthy(), signed_in(), *party(FEW, mix=mix), *more)
    expect(faders.page.locator(".talker")).to_have_count(len(FEW))
    return faders.page


def names(page: Page) -> list[str]:
    return page.locator(".talker strong").all_inner_texts()


@pytest.mark.parametrize(
    ("path", "size", "least"),
    [(DASHBOARD, DESKTOP, 15), (DASHBOARD, PHONE, 6), (DASHBOARD, (320, 800), 5), (DOCK, (300, 500), 8)],
    ids=["desktop", "phone", "narrow", "dock"],
)
def test_so_many_faders_are_seen_and_nothing_is_too_wide_or_too_small_for_a_finger(
    browser: Browser, origin: str, path: str, size: tuple[int, int], least: int
) -> None:
    with fed(browser, origin + path, size) as page:
        page.snapshot(*busy_party())
        expect(page.page.locator(".talker")).to_have_count(15)
        assert page.page.evaluate(FULLY_SEEN) >= least
        assert page.page.evaluate("document.documentElement.scrollWidth") <= size[0]
        assert page.page.evaluate(TOO_SMALL) == []
        page.feed(problem())
        assert page.page.evaluate("document.documentElement.scrollWidth") <= size[0]


def test_the_order_is_chosen_remembered_and_never_changes_below_a_pointer(faders: Fed) -> None:
    page = few(faders, said(BO, 60), said(CLEO, 5), said(DUNCAN, 20))
    assert names(page) == ["Bo-Streams", "Cleo_99", "Duncan"]
    page.get_by_label("Sort by").select_option("Last spoken")
    assert names(page) == ["Cleo_99", "Duncan", "Bo-Streams"]
    assert page.evaluate("localStorage['partyline.sort']") == "spoken"
    page.get_by_label("Sort by").select_option("Name")
    assert names(page) == ["Bo-Streams", "Cleo_99", "Duncan"]
    page.locator(".talker").nth(1).hover()
    faders.feed(*party((BO, DUNCAN, OTHERS[14], OTHERS[3])), gone=[f"peer.state/{CLEO.peer}"])
    assert names(page) == ["Bo-Streams", "Cleo_99", "Duncan", "Pete", "ella.winter"]  # whoever is new waits at the end
    expect(page.get_by_role("group", name="Cleo_99")).to_contain_text("left the party")
    page.mouse.move(5, 790)
    faders.feed(said(BO))
    assert names(page) == ["Bo-Streams", "Duncan", "ella.winter", "Pete"]
    page.get_by_label("Sort by").select_option("Order of joining")


def test_when_they_spoke_last_and_who_is_loudest_is_said(faders: Fed) -> None:
    page = few(faders, said(BO, 12), said(CLEO, speaking=True))
    expect(page.get_by_role("group", name="Bo-Streams")).to_contain_text("12 s ago")
    cleo = page.get_by_role("group", name="Cleo_99")
    expect(cleo).to_contain_text("now")
    expect(cleo).to_contain_text("speaking")
    faders.feed(Levels(talkers={BO.peer: -40.0, CLEO.peer: -12.0, DUNCAN.peer: -120.0}, mix=-12.0))
    expect(page.locator(".over")).to_contain_text("Loudest: Cleo_99")
    expect(cleo.locator(".top")).to_be_visible()


def test_a_fader_stops_at_0_db_for_a_pointer_and_leads_back_there(faders: Fed) -> None:
    page = few(faders)
    row = page.get_by_role("group", name="Bo-Streams")
    slider, zero = row.get_by_role("slider"), row.locator(".zero")
    box = slider.bounding_box()
    assert box
    at = box["x"] + 7 + (box["width"] - 14) * 0.75  # where 0 dB is marked
    mark = row.locator(".mark").bounding_box()
    assert mark
    assert abs(mark["x"] + mark["width"] / 2 - at) < 1
    page.mouse.move(at, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(at - 40, box["y"] + box["height"] / 2)
    assert float(slider.input_value()) < -10
    page.mouse.move(at + 2, box["y"] + box["height"] / 2, steps=8)
    assert slider.input_value() == "0"
    page.mouse.up()
    slider.focus()
    page.keyboard.press("ArrowRight")  # a key passes the stop step by step
    assert slider.input_value() == "1"
    zero.click()
    assert slider.input_value() == "0"
    page.keyboard.press("+")
    page.keyboard.press("+")
    assert slider.input_value() == "2"
    page.keyboard.press("0")
    assert slider.input_value() == "0"


def test_ones_own_row_says_so(faders: Fed) -> None:
    if "own_account" not in MixerState.__struct_fields__:
        pytest.skip("MixerState has no own_account yet")
    page = few(faders, mix={"own_account": BO.account_id})
    expect(page.get_by_role("group", name="Bo-Streams").locator(".tag")).to_contain_text("you")


def test_without_the_connection_nothing_can_be_pressed_and_the_focus_comes_back_with_it(faders: Fed) -> None:
    page = few(faders)
    mute = page.get_by_role("group", name="Cleo_99").get_by_role("button", name="Mute", exact=True)
    mute.focus()
    faders.break_link()
    for one in ("button", "input", "select"):
        assert page.locator(f"main {one}:enabled").count() == 0
    expect(mute).to_be_disabled()
    before = faders.asked()
    page.keyboard.press("r")
    assert faders.asked() == before
    expect(page.get_by_role("group", name="Cleo_99")).to_be_visible()  # what was known can be read
    faders.mend_link()
    expect(mute).to_be_enabled()
    expect(mute).to_be_focused()


def test_who_joins_and_leaves_is_told_to_screen_readers_but_not_who_was_there(faders: Fed) -> None:
    faders.snapshot(*healthy(), signed_in(), no_party())
    page = few(faders)
    told = page.locator("#announcements")
    expect(told).to_be_empty()
    faders.feed(*party((BO, DUNCAN, *OTHERS[3:5])))
    expect(told).to_have_text("ella.winter and Finn joined. Cleo_99 left.")
    faders.feed(*party(OTHERS))
    expect(told).to_have_text("11 people joined.")


def test_shortcuts_can_be_switched_off_and_stay_so(faders: Fed) -> None:
    page = few(faders)
    page.get_by_role("group", name="Bo-Streams").focus()
    page.keyboard.press("?")
    page.get_by_label("Use these shortcuts").uncheck()
    page.keyboard.press("Escape")
    assert page.evaluate("localStorage['partyline.shortcuts']") == "off"
    page.get_by_role("group", name="Bo-Streams").focus()
    before = faders.asked()
    for key in "ms+0rk":
        page.keyboard.press(key)
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("group", name="Cleo_99")).to_be_focused()
    assert faders.asked() == before
    page.get_by_role("button", name="Keyboard shortcuts").click()
    page.get_by_label("Use these shortcuts").check()
    page.keyboard.press("Escape")


def test_the_dock_mutes_sets_a_gain_and_records_by_one_touch(browser: Browser, origin: str) -> None:
    with fed(browser, origin + DOCK, (300, 500), has_touch=True) as faders:
        faders.snapshot(*healthy(), signed_in(), *party(FEW))
        page = faders.page
        row = page.get_by_role("group", name="Bo-Streams")
        row.get_by_role("button", name="Mute", exact=True).tap()
        slider = row.get_by_role("slider")
        slider.tap(position={"x": 20, "y": 12})
        page.get_by_role("button", name="Record").tap()
        expect(slider).not_to_have_value("0")
        asked = dict(faders.asked())
        assert asked["SetMute"] == {"peer": BO.peer, "muted": True}
        assert asked["StartRecording"] == {"name": ""}


def test_meters_speaking_and_quality_are_seen_in_forced_colours(browser: Browser, origin: str) -> None:
    seen = """() => {
      const style = (where, what) => getComputedStyle(document.querySelector(where))[what];
      return {
        meter: style(".talker .fill", "backgroundColor") !== style(".talker .meter", "backgroundColor"),
        ring: style("[data-speaking=true] .avatar", "outlineStyle") !== "none",
        waves: getComputedStyle(document.querySelector("[data-speaking=true] .avatar"), "::after").content !== "none",
        quality: new Set([...document.querySelectorAll(".talker .dot")].map((dot) => {
          const { backgroundColor, backgroundImage, borderRadius } = getComputedStyle(dot);
          return [backgroundColor, backgroundImage, borderRadius].join();
        })).size,
        levels: new Set([...document.querySelectorAll(".talker .dot")].map((dot) => dot.dataset.level)).size,
      };
    }"""
    with fed(browser, origin + DASHBOARD, forced_colors="active") as faders:
        faders.snapshot(*busy_party())
        found = faders.page.evaluate(seen)
    assert found["levels"] == found["quality"] > 1
    assert found["meter"]
    assert found["ring"]
    assert found["waves"]
