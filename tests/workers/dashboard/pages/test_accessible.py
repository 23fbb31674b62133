"""Every page in every state, by axe-core: nothing moderate or worse of WCAG 2.2 AA, in light and in dark."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

import pytest
from playwright.sync_api import Browser

from tests.chromium.axe import grave_findings, needs_axe
from tests.workers.dashboard.pages.fed import fed, served
from tests.workers.dashboard.pages.states import STATES
from workers.dashboard.serve.site import PAGES


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    with served() as origin:
        yield origin


def test_every_page_has_its_states() -> None:
    assert {state.path.partition("?")[0] for state in STATES} >= set(PAGES)


@needs_axe
def test_no_page_in_no_state_has_a_serious_finding(browser: Browser, origin: str) -> None:
    found: dict[str, list[str]] = {}
    with fed(browser, origin + STATES[0].path) as page:
        for path, states in groupby(STATES, lambda state: state.path):
            page.open(origin + path)
            for state in states:
                page.calm()
                state.reach(page)
                page.page.emulate_media(color_scheme="light")
                found[state.name] = grave_findings(page.page)
                page.page.emulate_media(color_scheme="dark")
                found[f"{state.name}, dark"] = grave_findings(page.page, "color-contrast")
    assert {name: lines for name, lines in found.items() if lines} == {}


@needs_axe
def test_a_serious_finding_is_found(browser: Browser, origin: str) -> None:
    with fed(browser, origin + "/nowhere") as page:
        page.page.evaluate("document.body.append(document.createElement('button'))")
        assert [line.partition(" ")[0] for line in grave_findings(page.page)] == ["button-name"]
