"""What the broker should hold, as a party changes."""

from __future__ import annotations

import json
from typing import Any

from common.config.integration_tables import MqttSettings
from integrations.mqtt.member_roster import GRACE_S
from integrations.mqtt.party_picture import PartyPicture
from tests.integrations.mqtt.example import BO, CY, in_party, member, speaks


def picture(topics: dict[str, Any] | None = None, **settings: Any) -> PartyPicture:
    made = PartyPicture(MqttSettings(**settings), lambda _: True)
    made.set_state(in_party() if topics is None else topics)
    return made


def test_everything_of_a_party_is_there() -> None:
    shown = picture()
    assert set(shown.wanted(0)) == {
        "partyline/status", "partyline/state", "homeassistant/device/partyline/party/config",
        *(f"homeassistant/device/partyline/{account}/config" for account in (BO, CY)),
        *(f"partyline/member/{account}/state" for account in (BO, CY)),
    }  # fmt: skip
    assert next(iter(shown.wanted(0))) == "partyline/status", "entities are available as soon as they are there"
    assert shown.wanted(0)["partyline/status"] == b"online"


def test_who_left_is_absent_at_once_and_gone_after_a_minute() -> None:
    shown = picture()
    shown.wanted(0)
    shown.set_state(in_party(member(BO, "Bo-Streams")))
    state = f"partyline/member/{CY}/state"
    assert json.loads(shown.wanted(10)[state])["present"] is False
    assert shown.next_change() == 10 + GRACE_S
    assert state not in shown.wanted(10 + GRACE_S)
    assert shown.next_change() is None
    assert f"homeassistant/device/partyline/{CY}/config" not in shown.wanted(10 + GRACE_S)


def test_nothing_is_known_without_the_api() -> None:
    shown = picture()
    assert shown.known
    shown.set_state(None)
    assert not shown.known


def test_the_loudest_is_told_when_it_is_another_one() -> None:
    topics = in_party(**speaks(BO, "Bo-Streams"), **speaks(CY, "Cleo_99", "PS4"))
    shown = picture(topics)
    for _ in range(20):
        shown.levels({"talkers": {f"{BO}.PS5": -30.0, f"{CY}.PS4": -10.0}})
    assert shown.loudest_changed(5)
    assert not shown.loudest_changed(5.1)
    assert json.loads(shown.wanted(5.2)["partyline/state"])["loudest"] == "Cleo_99"


def test_regulars_of_an_earlier_run_are_taken_in_whatever_stands_there() -> None:
    shown = picture(regulars=("Pete", "78"))
    for account, payload in (
        ("77", b'{"device": {"name": "partyline Pete"}}'), ("78", b"{}"),
        ("79", b'{"device": {"name": "partyline X"}}'), ("80", b"\xff"), ("81", b"[" * 10_000), ("82", b"null"),
    ):  # fmt: skip
        shown.adopt(f"homeassistant/device/partyline/{account}/config", payload)
    shown.adopt("partyline/member/90/state", b'{"device": {"name": "partyline Pete"}}')
    shown.adopt("homeassistant/device/partyline/party/config", b'{"device": {"name": "partyline Pete"}}')
    found = {topic.split("/")[2] for topic in shown.wanted(1e6) if topic.startswith("partyline/member/")}
    assert found == {BO, CY, "77", "78"}


def test_a_hostile_name_stays_a_name() -> None:
    """Home Assistant renders templates, and a name is in none."""
    evil = "{{ states('x') }}\"}#+/"
    shown = picture(in_party(member(BO, evil)))
    wanted = shown.wanted(0)
    device = json.loads(wanted[f"homeassistant/device/partyline/{BO}/config"])
    assert device["device"]["name"] == f"partyline {evil}"
    assert not any("states" in json.dumps(one) for one in device["components"].values())
    assert all(set("+#") & set(topic) == set() for topic in wanted)
