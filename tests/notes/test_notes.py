"""Notes and code believe the same, and every fact says how sure it is, since when, and who relies on it."""

from __future__ import annotations

import re

import pytest

from common.messages import PushEvent
from common.psn.known import DATA_TYPES, ENDPOINTS, endpoint_of
from common.psn.party.push import EVENT, PREFIX, event_name
from common.psn.party.sessions import read_members
from simulator.parties import events
from tests.notes.collect import (
    CHECKOUT,
    NOTES,
    calls_made,
    calls_mentioned,
    calls_told,
    data_types_mentioned,
    data_types_read,
    data_types_told,
    files_named,
    rows,
)
from workers.session.party.own_device import OwnDevice
from workers.session.party.table import PartyTable
from workers.session.party.table_events import TableChange, TableEvents

TEXTS = {file.name: file.read_text() for file in NOTES.glob("*.md")}
FACTS = ("auth.md", "party-api.md", "push.md", "signaling.md", "voice.md")
GRADE = re.compile(r"\[(?:seen|one|app|read|open)\]")
DATE = re.compile(r"\b20\d\d-\d\d\b")
MADE_UP = {PREFIX + events.INVITED}


def bullets(note: str) -> list[str]:
    return re.findall(r"^- .*(?:\n  .*)*", note, re.MULTILINE)


def test_every_call_of_the_notes_is_known_to_the_code_and_the_other_way_round():
    known = {(endpoint.method, endpoint.host, endpoint.template) for endpoint in ENDPOINTS}
    assert set(calls_told(TEXTS)) == known
    assert calls_mentioned(TEXTS) == {(method, template) for method, _, template in known}


def test_every_data_type_of_the_notes_is_known_to_the_code_and_the_other_way_round():
    assert set(data_types_told(TEXTS)) == set(DATA_TYPES)
    assert data_types_mentioned(TEXTS) == set(DATA_TYPES)


def test_every_call_that_the_code_makes_is_in_the_notes_with_the_file_that_makes_it():
    told = calls_told(TEXTS)
    made = calls_made()
    assert len(made) >= 13, "the collector reads the code no longer"
    for (method, host, path), files in made.items():
        endpoint = endpoint_of(method, host, path)
        assert endpoint is not None, f"{method} {path} ({host}) of {files} is neither in common/psn/known.py nor noted"
        who = told[method, host, endpoint.template][-1]
        assert any(f"`{file}`" in who for file in files), f"the note on {endpoint.name} does not name {files}"


def test_what_the_notes_call_not_called_is_not_called():
    made = {endpoint_of(*call) for call in calls_made()}
    for (method, host, template), cells in calls_told(TEXTS).items():
        called = endpoint_of(method, host, template) in made
        assert called != ("not called" in cells[-1]) or host == "push_socket", f"{method} {template}: {cells[-1]}"


def test_the_collector_finds_what_it_should():
    made = calls_made()
    for call in (
        ("GET", "account", "/api/authz/v3/oauth/authorize"),
        ("POST", "mobile", "/api/sessionManager/v2/partySessions/{session_id}/members"),
        ("GET", "mobile", "/api/sessionManager/v2/partySessions"),
        ("GET", "push", "/np/serveraddr"),
        ("GET", "web", "/api/cpss/v1/partyInfo/{cpss_id}"),
    ):
        assert call in made


def test_an_event_that_the_simulator_sends_is_known_or_said_to_be_made_up():
    constants = {name: value for name, value in vars(events).items() if name.isupper() and ":" in str(value)}
    sent = {PREFIX + value for name, value in constants.items() if name != "PREFIX"}
    assert EVENT == 3001
    assert len(sent) > 5
    assert sent - set(DATA_TYPES) == MADE_UP


def test_the_simulator_names_its_events_in_one_file_only():
    """Else an event that it sends could be one that nobody knows."""
    for file in CHECKOUT.glob("simulator/**/*.py"):
        written = re.findall(r'"(?:outside:)?(?:v2|pts):[\w:]+"', file.read_text())
        assert file.name == "events.py" or written == [], f"{file}: {written}"


def test_the_notes_name_every_file_that_reads_a_data_type_and_no_other():
    read = data_types_read(DATA_TYPES)
    assert sum(map(bool, read.values())) > 10, "the collector reads the code no longer"
    for data_type, cells in data_types_told(TEXTS).items():
        said = {named for named in files_named(cells[-1]) if named.startswith("workers/")}
        assert said == read[data_type], f"{data_type}: the note says {said or 'nobody'}"
        assert ("passed on" in cells[-1]) == (not said), data_type


def test_the_table_counts_what_is_in_its_own_table_only():
    """Every event whose name `TableEvents.READS` lacks does nothing, whatever it carries."""
    entry = {"accountId": "7", "platform": "PS5", "onlineId": "Bo", "customData4": "1"}
    data = {"members": [entry], "sessionName": "x", "joinableUserType": "FRIENDS"}
    for data_type in {*DATA_TYPES, f"{PREFIX}v2:ps:m:invented:updated"}:
        table = PartyTable("s", OwnDevice("1", "PS5"))
        table.merge(read_members([{"accountId": "7", "platform": "PS5"}]))
        outcome = TableEvents(table).apply(
            PushEvent(epoch="e", number=1, data_type=data_type, session_id="s", data=data)
        )
        assert outcome is TableChange.NOTHING or event_name(data_type) in TableEvents.READS, data_type


@pytest.mark.parametrize("name", TEXTS)
def test_every_file_that_a_note_names_exists(name):
    for named in files_named(TEXTS[name]):
        assert list(CHECKOUT.glob(named.rstrip("/"))), f"{name} names {named}, which is not there"


@pytest.mark.parametrize("name", FACTS)
def test_every_fact_has_a_grade(name):
    for fact in [*bullets(TEXTS[name]), *("|".join(cells) for cells in rows(TEXTS[name]))]:
        assert GRADE.search(fact), f"no grade: {fact}"


@pytest.mark.parametrize("name", FACTS)
def test_every_section_of_facts_has_a_date_and_names_code(name):
    for section in TEXTS[name].split("\n## ")[1:]:
        title = section.splitlines()[0]
        assert DATE.search(section), f"no date: {title}"
        assert any(named.endswith(".py") for named in files_named(section)), f"no code: {title}"


def test_every_open_question_says_what_we_do_meanwhile_and_what_capture_would_answer_it():
    questions = rows(TEXTS["open-questions.md"])
    assert len(questions) >= 15
    for cells in questions:
        assert len(cells) == 4
        assert all(cells), cells
        assert cells[0].endswith("[open]"), cells[0]
        assert len(cells[2].split()) > 5, cells[0]
        assert files_named(cells[3]), cells[0]


@pytest.mark.parametrize("name", FACTS)
def test_every_open_fact_of_a_file_has_its_question(name):
    """At least one question for each section that leaves something open, by the code that it names."""
    asked = {named for cells in rows(TEXTS["open-questions.md"]) for named in files_named(cells[3])}
    for section in TEXTS[name].split("\n## ")[1:]:
        if "[open]" in section:
            assert asked & files_named(section), section.splitlines()[0]


def test_the_five_grades_are_explained():
    assert all(f"**[{grade}]**" in TEXTS["auth.md"] for grade in ("seen", "one", "app", "read", "open"))
