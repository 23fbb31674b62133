"""A secret in pieces of a letter or two is no substitution that known text turns back, and `verify` finds it."""

from __future__ import annotations

import base64
import json
import random
import string
from collections.abc import Callable

import pytest

from captures.scrub import short_runs
from captures.scrub.fakes import Fakes
from captures.scrub.scrubber import Scrubber
from captures.scrub.verify import Auditor, scan

SECRET = "Kq9zR2mX7vLp4TnB8cWd1HsYf6JgA3uE"
KNOWN = string.ascii_letters + string.digits

WRITTEN: dict[str, Callable[[str], object]] = {
    "Node's Buffer": lambda text: {"type": "Buffer", "data": list(text.encode())},
    "signed": lambda text: [octet - 256 if octet > 100 else octet for octet in text.encode()],
    "floats": lambda text: [float(octet) for octet in text.encode()],
    "letters": list,
    "pairs": lambda text: [text[at : at + 2] for at in range(0, len(text), 2)],
    "hex pairs": lambda text: [f"{octet:02x}" for octet in text.encode()],
    "Uint8Array": lambda text: {str(at): octet for at, octet in enumerate(text.encode())},
    "UTF-16": lambda text: text.encode("utf-16-le").decode("latin-1"),
    "quoted-printable": lambda text: "".join(f"={octet:02X}" for octet in text.encode()),
    "entities": lambda text: "".join(f"&#{octet};" for octet in text.encode()),
    "hex entities": lambda text: "".join(f"&#x{octet:x};" for octet in text.encode()),
    "escapes": lambda text: "".join(f"\\x{octet:02x}" for octet in text.encode()),
    "Unicode escapes": lambda text: "".join(f"\\u{octet:04x}" for octet in text.encode()),
    "spelled": " ".join,
    "decimal": lambda text: ",".join(map(str, text.encode())),
    "a list in a string": lambda text: json.dumps(list(text.encode())),
    "dashed": lambda text: "-".join(text[at : at + 3] for at in range(0, len(text), 3)),
    "in base64": lambda text: base64.b64encode(" ".join(text).encode()).decode(),
}


@pytest.mark.parametrize("way", WRITTEN)
def test_two_secrets_read_alike_afterwards_and_none_is_left(way: str) -> None:
    write, scrubber = WRITTEN[way], Scrubber(Fakes())
    other = "".join(random.Random(7).choices(KNOWN, k=len(SECRET)))
    scrubbed = {text: json.dumps(scrubber.value({"body": write(text)})) for text in (SECRET, other, KNOWN[:32])}
    assert len(set(scrubbed.values())) == 1
    for secret in (SECRET, other):
        assert all(part not in scrubbed[secret] for part in (secret, json.dumps(write(secret))[1:-1]))


@pytest.mark.parametrize("way", WRITTEN)
def test_verify_finds_what_was_not_blanked_and_nothing_in_what_was(way: str) -> None:
    written = {"body": WRITTEN[way](SECRET)}
    auditor = Auditor("here")
    Scrubber(auditor).value(written)
    assert auditor.found
    clean = Auditor("here")
    Scrubber(clean).value(Scrubber(Fakes()).value(written))
    assert [found for found in clean.found if "row" in found.what or "list" in found.what] == []


@pytest.mark.parametrize("way", ["Node's Buffer", "letters", "Uint8Array", "a list in a string"])
def test_the_scan_that_knows_nothing_of_scrubbing_finds_lists(way: str) -> None:
    written = {"body": WRITTEN[way](SECRET)}
    assert any("list" in found.what for found in scan("line 1", json.dumps(written)))
    assert not list(scan("line 1", json.dumps(Scrubber(Fakes()).value(written))))


def test_what_is_no_row_stays_as_it_was() -> None:
    scrubber = Scrubber(Fakes())
    assert scrubber.value({"maxMembers": 16, "channels": [1, 2]})["channels"] != [0, 0]
    assert not short_runs.ROW.search("you are not permitted to do that now, they said to everybody")
    assert not short_runs.is_row([0] * 8)
    assert not short_runs.is_row([True] * 9)


def test_nine_pieces_may_spell_a_secret_and_eight_do_not() -> None:
    assert short_runs.MANY == 9
    for piece in ("a", "abc", 999, -999, 0.5):
        assert short_runs.is_row([piece] * 9)
        assert not short_runs.is_row([piece] * 8)
    for piece in ("abcd", 1000, -1000, True, None):
        assert not short_runs.is_row(["a"] * 9 + [piece])
    assert short_runs.ROW.search(" ".join("abcdefghi"))
    assert not short_runs.ROW.search(" ".join("abcdefgh"))


def test_only_an_object_with_numbers_for_names_stands_for_a_list() -> None:
    assert short_runs.is_row_by_number({str(at): at for at in range(9)})
    assert not short_runs.is_row_by_number({f"a{at}": at for at in range(9)})
    assert not short_runs.is_row_by_number({chr(0x660 + at): at for at in range(9)})


def test_a_blanked_row_keeps_its_length_and_kinds_only() -> None:
    assert short_runs.blank(["ab", "", 5, 2.5]) == ["x", "", 0, 0.0]
    assert short_runs.blank_text("75, 113; 57") == "0, 0; 0"
    assert short_runs.blank_text("75, a1; 57") == "x, x; x"
