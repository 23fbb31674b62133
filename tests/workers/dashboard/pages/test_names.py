"""Names of every script stand where they belong: nothing around them turns, and no row leaves its column."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from common.basic.clock import boot_s
from common.messages import Member, PartyState
from tests.workers.dashboard.stage import Stage, member
from tests.workers.dashboard.window import opened

NAMES = ("שלום-עולם", "\U0001d49c\U0001d4d1\U0001d4b8-Plays", "مرحبا 123 (left)", "W" * 40)
OVERLAPS = """
() => {
  const nodes = [...document.querySelectorAll(".talker, aside, main section")];
  const boxes = nodes.map((node) => [node, node.getBoundingClientRect()]);
  const meet = ([a, x], [b, y]) =>
    !a.contains(b) && !b.contains(a) && x.left < y.right - 1 && y.left < x.right - 1 &&
    x.top < y.bottom - 1 && y.top < x.bottom - 1;
  const found = boxes.filter((one) => boxes.some((other) => one !== other && meet(one, other)));
  const out = boxes.filter(([, box]) => box.right > document.documentElement.clientWidth + 1);
  return [...found, ...out].map(([node]) => node.className || node.tagName);
}
"""


def hostile(stage: Stage) -> list[Member]:
    stage.party(4)
    others = [
        Member(account_id=str(1001 + at), platform="P" * 80 if at == 3 else "PS5", online_id=name)
        for at, name in enumerate(NAMES)
    ]
    state = PartyState(
        phase="joined", session_id="s-1", name="שלום (a party)", me=member(0).peer, members=(member(0), *others),
        joined_s=boot_s() - 60,
    )  # fmt: skip
    stage.publish("session", state)
    stage.publish("media", *map(stage.peer, others))
    stage.mixer(others)
    return others


def test_no_name_turns_or_moves_what_stands_beside_it(party: Stage, browser: Browser) -> None:
    hostile(party)
    with opened(browser, party.url(), (900, 800)) as page:
        rows = page.locator(".talker", has_text="Plays")
        expect(rows).to_have_count(1)
        for name in NAMES:
            strong = page.locator(".talker strong", has_text=name)
            expect(strong).to_have_count(1)
            assert strong.evaluate("node => getComputedStyle(node).unicodeBidi") == "isolate"
        for text in page.locator(".talker [aria-hidden=true]").all_inner_texts():
            assert text.encode("utf-16", "surrogatepass").decode("utf-16", "strict") == text  # no half of a letter
        for width in (1280, 1030, 1000, 900, 700, 390):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate(OVERLAPS) == [], f"at {width} pixels"
    with opened(browser, party.url("overlay", reading=True)) as page:
        expect(page.locator(".name", has_text=NAMES[0])).to_have_count(1)
        assert page.locator(".name").first.evaluate("node => getComputedStyle(node).unicodeBidi") == "isolate"
