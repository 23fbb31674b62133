"""What is known, or only looks like somebody's, does not stay; what a reader needs does."""

from __future__ import annotations

import pytest

from cli.machine.report.scrub import ReportScrubber
from cli.machine.report.vocabulary import own_words, words_of, words_of_tracebacks

NAME, ACCOUNT = "Nebula_Otter88", "7215533098121734"


@pytest.fixture(scope="module")
def words() -> frozenset[str]:
    return own_words()


@pytest.fixture
def scrubber(words: frozenset[str]) -> ReportScrubber:
    made = ReportScrubber(words, {"/Users/quentin": "~"})
    made.learn([{"online_id": NAME, "account_id": ACCOUNT, "peer": f"{ACCOUNT}@PS5", "name": "Quentina"}])
    made.learn({"session_id": "f00d-party", "name": "Raid of Otters"})
    return made


def test_a_person_has_one_pseudonym_under_each_name(scrubber: ReportScrubber) -> None:
    assert scrubber.text(f"{NAME} ({ACCOUNT}) as Quentina") == "member-1 (member-1) as member-1"
    assert scrubber.text("joined Raid of Otters") == "joined party-1"


def test_case_does_not_matter_and_parts_of_words_are_not_names(scrubber: ReportScrubber) -> None:
    assert scrubber.text(NAME.upper()) == "member-1"
    scrubber.learn_name("aud", "member-9")
    assert scrubber.text("audio") == "audio"


@pytest.mark.parametrize(
    "somebodys",
    ["Unheard_Walrus", "xXslayerXx", "Zürcher", "someone@example-mail.net", "81.2.69.142",
     "81.2.69.142:9308", "http://81.2.69.142/", "[2a02:8109::1]:80",
     "fe80::a00:27ff:fe4e:66a1",
     "3fd8c2aa-1b77-4c0e-9d52-0c3f7be1aa10", "a4:83:e7:12:9f:0b", "8812345678901234567", "キツネ", "L3g10n"],
)  # fmt: skip
def test_what_nobody_knows_of_does_not_stay_either(scrubber: ReportScrubber, somebodys: str) -> None:
    said = scrubber.text(f"no sound from {somebodys} since 12:30:01")
    assert somebodys not in said
    assert said.startswith("no sound from ")
    assert said.endswith(" since 12:30:01")


def test_the_same_value_gets_the_same_fake(scrubber: ReportScrubber) -> None:
    first, second = scrubber.text("81.2.69.142 and 81.2.69.142").split(" and ")
    assert first == second


@pytest.mark.parametrize(
    "kept",
    ["2026-11-29T01:02:03.456Z", "media", "tick_late_p99_ms", "127.0.0.1", "EHOSTUNREACH", "48000",
     "no connection", "1.16.0"],
)  # fmt: skip
def test_what_a_reader_needs_stays(scrubber: ReportScrubber, kept: str) -> None:
    assert scrubber.text(kept) == kept


def test_folders_of_the_user_are_not_told(scrubber: ReportScrubber) -> None:
    assert scrubber.text("/Users/quentin/var/log") == "~/var/log"


def test_keys_ids_and_secrets_in_data_are_scrubbed(scrubber: ReportScrubber) -> None:
    found = scrubber.data({NAME: [int(ACCOUNT), True, 1.5, None], "access_token": "abc"})
    assert list(found) == ["member-1", "access_token"]
    assert found["member-1"][0] != int(ACCOUNT)
    assert found["member-1"][1:] == [True, 1.5, None]
    assert found["access_token"] == "[hidden]"


def test_two_keys_that_become_one_both_stay(scrubber: ReportScrubber) -> None:
    assert len(scrubber.data({NAME: 1, NAME.upper(): 2})) == 2


def test_what_is_left_is_seen(scrubber: ReportScrubber) -> None:
    assert scrubber.left_in(f"by {NAME}")
    assert not scrubber.left_in(scrubber.text(f"by {NAME}"))


def test_the_bridge_is_nobody(scrubber: ReportScrubber) -> None:
    scrubber.learn({"peer": "bridge", "account_id": "bridge"})
    assert scrubber.text("bridge") == "bridge"


def test_words_of_sources_are_taken_whole_and_apart() -> None:
    assert words_of("half-open Tick_late") == {"half-open", "half", "open", "tick_late", "tick", "late"}


def test_a_traceback_of_a_library_stays_readable() -> None:
    import aioice.ice as library  # noqa: PLC0415  # a file below the interpreter's prefix

    words = words_of_tracebacks([f'  File "{library.__file__}", line 12, in check_complete'])
    assert "check_complete" in words
    assert words_of_tracebacks(['File "/etc/passwd.py", line 1']) == set()
