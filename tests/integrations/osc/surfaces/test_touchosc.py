"""The layout for TouchOSC fits the addresses, and the file is the one that is made of them."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
import zlib

import pytest

from integrations.osc.address_table import STRIPS, of_place, whole
from integrations.osc.surfaces.__main__ import LAYOUTS
from integrations.osc.surfaces.touchosc import FILE, HEIGHT, WIDTH, layout
from tests.integrations.osc.surfaces.addressed import EVERY, ON_EACH_STRIP, ON_THE_MIX, check

Element = ET.Element


@pytest.fixture(scope="module")
def root() -> Element:
    return ET.fromstring(zlib.decompress((LAYOUTS / FILE).read_bytes()))


def prop(node: Element, key: str) -> Element | None:
    return next((one.find("value") for one in node.findall("properties/property") if one.findtext("key") == key), None)


def links(root: Element) -> list[tuple[Element, Element, str]]:
    return [
        (node, message, "".join(part.findtext("value", "") for part in message.findall("path/partial")))
        for node in root.iter("node")
        for message in node.findall("messages/osc")
    ]


def test_the_file_is_made_of_the_addresses() -> None:
    text = zlib.decompress((LAYOUTS / FILE).read_bytes()).decode()
    assert text == layout(), "make it again: python -m integrations.osc.surfaces"


def test_every_control_sends_what_is_taken_and_shows_what_is_sent(root: Element) -> None:
    assert links(root)
    for _, message, address in links(root):
        sends, shows = message.findtext("send") == "1", message.findtext("receive") == "1"
        assert sends or shows
        check(address, sends=sends, shows=shows)
        assert bool(message.findall("triggers/trigger")) == sends


def test_each_place_has_all_that_a_strip_needs_and_so_has_the_mix(root: Element) -> None:
    there = {address for _, _, address in links(root)}
    assert {of_place(place, end) for place in range(1, STRIPS + 1) for end in ON_EACH_STRIP} <= there
    assert {whole(path) for path in ON_THE_MIX} <= there


def test_a_value_is_of_the_kind_that_its_control_has(root: Element) -> None:
    for node, message, address in links(root):
        (argument,) = message.findall("arguments/partial")
        is_text = EVERY[address].kind == "string" and message.findtext("send") == "0"
        assert (argument.findtext("value") == "text") == (node.get("type") == "LABEL")
        assert node.get("type") == "LABEL" or not is_text
        assert argument.findtext("value") in {one.findtext("key") for one in node.findall("values/value")}


def test_ids_are_distinct_and_every_control_has_a_place_on_the_page(root: Element) -> None:
    nodes = list(root.iter("node"))
    assert len({node.get("ID") for node in nodes}) == len(nodes) > 16 * 8
    for node in nodes:
        frame = prop(node, "frame")
        assert frame is not None
        x, y, width, height = (float(frame.findtext(key, "-1")) for key in "xywh")
        assert x >= 0 <= y
        assert width > 0 < height
        assert x + width <= WIDTH
        assert y + height <= HEIGHT


def test_controls_under_a_finger_do_not_overlap(root: Element) -> None:
    for page in root.findall(".//node[@type='PAGER']/children/node"):
        taken: list[tuple[float, ...]] = []
        for node in page.findall("children/node"):
            if node.get("type") == "LABEL":
                continue
            frame = prop(node, "frame")
            x, y, width, height = (float(frame.findtext(key)) for key in "xywh")
            for left, top, right, bottom in taken:
                assert x >= right or x + width <= left or y >= bottom or y + height <= top
            taken.append((x, y, x + width, y + height))


def test_its_scripts_ask_for_addresses_that_there_are(root: Element) -> None:
    scripts = [prop(node, "script").text for node in root.iter("node") if prop(node, "script") is not None]
    named = {address for script in scripts for address in re.findall(r"'(/[^']+)'", script)}
    assert named == {whole("refresh")}


def test_a_fader_rests_at_0_db(root: Element) -> None:
    for node, _, address in links(root):
        if address.endswith("/fader"):
            values = {one.findtext("key"): one.findtext("default") for one in node.findall("values/value")}
            assert values["x"] == "0.75"
