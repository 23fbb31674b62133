"""The page's JavaScript asks for, and looks at, what the dashboard worker knows: names are strings there."""

from __future__ import annotations

import ast
import re
from typing import get_args

import msgspec
import pytest

from common.basic.values import LEAST_CLIP_S, ClipSeconds, ExportKind, range_of
from common.messages import BY_TOPIC, MESSAGES, Message
from tests.structure.bus import readers
from tests.structure.code import CHECKOUT, calls, files, part_of
from workers.dashboard.live import page_requests

STATIC = CHECKOUT / "workers" / "dashboard" / "static"
SCRIPTS = {file.name: file.read_text() for file in sorted(STATIC.glob("js/**/*.js"))}
_ASKS = re.compile(r'\brequests\.(?:run|send)\(\s*"(\w+)"(?:,\s*\{([^}]*)\})?')
_TOPIC = re.compile(r'\.(?:one|of|all)\(\s*"([\w.]+)"')
AVATARS = "avatars"
"""The dashboard's own topic."""


def watched() -> list[type[Message]]:
    """Return the messages that the dashboard reads. To find them takes seconds, so no import does it."""
    return [cls for cls in MESSAGES if "dashboard" in readers(cls)]


def asked() -> list[tuple[str, str, set[str]]]:
    """Return (script, request, names of its fields) for everything that a page asks."""
    found = []
    for script, text in SCRIPTS.items():
        for name, fields in _ASKS.findall(text):
            keys = {part.partition(":")[0].strip() for part in fields.split(",")}
            found.append((script, name, keys - {""}))
    return found


NOT_ON_A_PAGE = {
    "KickMember": "its place is the command line",
    "TestTone": "`TestObs` asks for it",
    "MakeListenLink": "its place is the command line",
    "ForgetListeners": "its place is the command line",
}
"""Requests of the API's rights that no page has a button for, each with the reason."""


def test_the_pages_ask_for_all_that_is_allowed_and_nothing_else() -> None:
    assert {name for _, name, _ in asked()} == {*page_requests.ALLOWED, *page_requests.OWN} - set(NOT_ON_A_PAGE)


def test_every_question_of_a_page_is_found() -> None:
    """A request whose name is no plain string would escape the tests above and below."""
    for script, text in SCRIPTS.items():
        calls = len(re.findall(r"\brequests\.(?:run|send)\(", text))
        assert calls == len(_ASKS.findall(text)), script


def _shown(value: str | set[str]) -> str:
    """Return a part of a test's name, which must be the same in each process."""
    return value if isinstance(value, str) else ",".join(sorted(value))


@pytest.mark.parametrize(("script", "name", "fields"), asked(), ids=_shown)
def test_a_request_is_sent_with_fields_that_it_has_and_all_that_it_needs(
    script: str, name: str, fields: set[str]
) -> None:
    cls = {**page_requests.ALLOWED, **page_requests.OWN}[name]
    assert fields <= set(cls.__struct_fields__), script
    assert {field.name for field in msgspec.structs.fields(cls) if field.required} <= fields, script


def test_the_pages_look_at_topics_that_the_dashboard_watches() -> None:
    topics = {cls.TOPIC for cls in watched()} | {AVATARS}
    for script, text in SCRIPTS.items():
        assert set(_TOPIC.findall(text)) <= topics, f"{script}: {set(_TOPIC.findall(text)) - topics}"
    assert {topic for text in SCRIPTS.values() for topic in _TOPIC.findall(text)} - {AVATARS} <= set(BY_TOPIC)


def test_every_topic_that_the_dashboard_watches_is_shown() -> None:
    """By a script of the page, or by the worker itself, which asks its picture for the class (`/metrics`)."""
    looked_at = {topic for text in SCRIPTS.values() for topic in re.findall(r'"([\w.]+)"', text)}
    asked = {
        argument.id
        for module in files()
        if part_of(module) == "dashboard"
        for name, call in calls(module)
        for argument in call.args
        if name in ("one", "of", "all") and isinstance(argument, ast.Name)
    }
    asked |= {"TonePlays", "WebRtcListeners", "Ducking"}  # heard, counted; for other programs
    assert [cls.__name__ for cls in watched() if cls.TOPIC not in looked_at and cls.__name__ not in asked] == []


@pytest.mark.parametrize("page", ["dashboard", "dock", "overlay", "overlay-setup", "obs-audio", "start", "api"])
def test_a_page_has_every_element_that_its_script_looks_up(page: str) -> None:
    html = (STATIC / f"{page}.html").read_text()
    there = {*re.findall(r'\bid="([\w-]+)"', html), *re.findall(r'\bid: "([\w-]+)"', "".join(SCRIPTS.values()))}
    looked_up = set(re.findall(r'(?:\bat|getElementById)\("([\w-]+)"\)', SCRIPTS[f"{page}.js"]))
    assert looked_up <= there


def test_every_card_is_on_the_page_and_drawn() -> None:
    """A card's file exports one `somethingCard`; the page makes it, puts it into `cards`, and has its section."""
    page = SCRIPTS["dashboard.js"]
    drawn = re.search(r"const cards = \[(.*?)\];", page, re.DOTALL)[1]
    made = dict(re.findall(r"const (\w+) = (\w+Card)\(", page))
    cards = {name for text in SCRIPTS.values() for name in re.findall(r"export function (\w+Card)\(", text)}
    assert len(cards) > 4
    for card in cards:
        held = [name for name, maker in made.items() if maker == card]
        assert f"{card}(" in drawn or any(re.search(rf"\b{name}\b", drawn) for name in held), f"{card} is not drawn"


def test_every_script_and_style_is_used() -> None:
    pages = "".join(file.read_text() for file in STATIC.glob("*.html")) + "".join(SCRIPTS.values())
    pages += "".join(file.read_text() for file in STATIC.glob("css/*.css"))
    unused = [file.name for file in [*STATIC.glob("js/**/*.js"), *STATIC.glob("css/*")] if file.name not in pages]
    assert unused == []


@pytest.mark.parametrize("script", SCRIPTS)
def test_what_a_script_makes_is_used(script: str) -> None:
    """A button that is made but not put on its card is such a thing."""
    text = SCRIPTS[script]
    made = re.findall(r"^\s*(?:const|let) (\w+) =", text, re.MULTILINE)
    assert [name for name in made if len(re.findall(rf"\b{name}\b", text)) < 2] == []


def test_every_key_is_told_and_does_something() -> None:
    script = SCRIPTS["shortcuts.js"]
    told = {key for words in re.findall(r'^  \["([^"]+)", "', script, re.MULTILINE) for key in words.split()}
    does = re.search(r"const does = \{\n(.*?)\n  \};", script, re.DOTALL)[1]
    done = set(re.findall(r'^    "?([^\s":]+)"?:', does, re.MULTILINE)) | set(
        re.findall(r"^    (\w),$", does, re.MULTILINE)
    )
    names = {"ArrowDown": "↓", "ArrowUp": "↑", "-": "\N{MINUS SIGN}"}
    assert {names.get(key, key) for key in done} == told


def test_the_page_offers_every_export_and_lengths_of_clips_that_can_be_chosen() -> None:
    offered = re.search(r"const EXPORTS = \[\n(.*?)\n\];", SCRIPTS["recordings.js"], re.DOTALL)[1]
    assert set(re.findall(r'\["(\w+)", ', offered)) == set(get_args(ExportKind))
    lengths = re.search(r"const LENGTHS = \[\n(.*?)\n\];", SCRIPTS["clips.js"], re.DOTALL)[1]
    for seconds in map(int, re.findall(r"\[(\d+), ", lengths)):
        assert LEAST_CLIP_S <= seconds <= range_of(ClipSeconds).most
