"""The contract as committed: a change of it needs another version and a line that says so."""

from __future__ import annotations

import json
import re

import msgspec
import pytest

from common.api import PATH, VERSION
from common.api.rights import NEEDED, TOPICS
from common.api.schema import asyncapi, openapi
from common.files.paths import CHECKOUT

COMMITTED = CHECKOUT / "notes" / "api"
HOW = (
    "The contract changed. Raise VERSION in common/api/__init__.py (a field or request more: MINOR, less or other: "
    "MAJOR), say it in CHANGELOG.md under that version of the API, then write the files again: "
    "`partyline api schema > notes/api/openapi.json; partyline api schema --events > notes/api/asyncapi.json`."
)


@pytest.mark.parametrize(("name", "made"), [("openapi", openapi), ("asyncapi", asyncapi)])
def test_the_contract_is_the_committed_one(name: str, made) -> None:
    assert json.loads((COMMITTED / f"{name}.json").read_text("utf-8")) == json.loads(msgspec.json.encode(made())), HOW


def test_the_version_is_told_in_the_changelog() -> None:
    assert f"API {VERSION}" in (CHECKOUT / "CHANGELOG.md").read_text("utf-8")


def refs(node: object) -> set[str]:
    if isinstance(node, dict):
        own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
        return own.union(*(refs(value) for value in node.values()))
    return set().union(*(refs(value) for value in node)) if isinstance(node, list) else set()


@pytest.mark.parametrize("made", [openapi, asyncapi])
def test_everything_that_is_named_is_there(made) -> None:
    document = made()
    for ref in refs(document):
        node = document
        for step in ref.removeprefix("#/").split("/"):
            node = node[step]


def test_every_request_and_topic_is_in_it() -> None:
    assert {path.rpartition("/")[2] for path in openapi()["paths"] if "/requests/" in path} == {
        cls.__name__ for cls in NEEDED
    }
    assert set(asyncapi()["x-topics"]) == {cls.TOPIC for cls in TOPICS}


def test_who_sends_what_to_whom_is_not_in_it() -> None:
    documents = (openapi(), asyncapi())
    said = [
        one["description"]
        for made in documents
        for one in made["components"]["schemas"].values()
        if "description" in one
    ]
    said += [topic["about"] for topic in asyncapi()["x-topics"].values()]
    assert [words for words in said if re.match(r"[\w ,]+ → \w+", words)] == []
    assert asyncapi()["x-topics"]["peer.speaking"]["about"] == "When a talker begins or ends to speak."


def test_a_tool_can_tell_what_to_ask_about_first() -> None:
    paths = openapi()["paths"]
    assert "x-confirm" in paths[f"{PATH}/requests/LeaveParty"]["post"]
    assert "x-confirm" not in paths[f"{PATH}/requests/SetMute"]["post"]


def test_bounds_and_words_of_a_field_are_in_it() -> None:
    gain = openapi()["components"]["schemas"]["SetGain"]["properties"]["gain_db"]
    assert (gain["minimum"], gain["maximum"]) == (-60, 20)
    assert asyncapi()["components"]["schemas"]["Levels"]["properties"]["mix"]["description"].startswith(
        "Peak of the mix"
    )
