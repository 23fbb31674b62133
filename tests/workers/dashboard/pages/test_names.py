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


def person(name: str, *, platform: str = "PS5") -> Member:
    return Member(account_id=str(1001 + sum(map(ord, name))), platform=platform, online_id=name)


def joined(others: list[Member]) -> PartyState:
    return PartyState(
        phase="joined", session_id="s-1", name="שלום (a party)", me=member(0).peer, members=(member(0), *others),
        joined_s=boot_s() - 60,
    )  # fmt: skip


def hostile(stage: Stage) -> list[Member]:
    stage.party(4)
    others = [person(name, platform="P" * 80 if at == 3 else "PS5") for at, name in enumerate(NAMES)]
    stage.publish("session", joined(others))
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


def test_no_name_turns_its_row_of_the_overlay_around(party: Stage, browser: Browser) -> None:
    """Also one with an override or an isolate that never ends, or that ends more than it began, and one of emoji."""
    names = (
        NAMES[0],
        NAMES[2],
        "\u202eabc",
        "\u2067abc",
        "\u2069\u2069\u202cabc",
        "\U0001f468\u200d\U0001f467\U0001f1e9\U0001f1ea",
    )
    everybody = [person(name) for name in names]
    boxes = """() => [...document.querySelectorAll(".person")].map((row) => {
        const box = (part) => row.querySelector(part).getBoundingClientRect();
        const [face, name, said] = [box(".face"), box(".name"), box(".said")];
        return [face.right <= name.left, name.right <= said.left, name.width > 0, face.left, said.width];
    })"""
    party.party(0)
    with opened(browser, party.url("overlay", reading=True)) as page:
        expect(page.locator("body")).to_have_attribute("data-link", "open")
        party.publish("session", joined(everybody))
        expect(page.locator(".said", has_text="joined")).to_have_count(len(names))
        rows = page.evaluate(boxes)
        assert [row[:3] for row in rows] == [[True, True, True]] * len(names)
        assert (
            len({(row[3], row[4]) for row in rows}) == 1
        )  # each begins at the left, and "joined" is as wide after each
        for name in page.locator(".name").all():
            assert name.evaluate("node => node.tagName + getComputedStyle(node).unicodeBidi") == "BDIisolate"
