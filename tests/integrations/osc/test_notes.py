"""The notes tell every address, as the code has it."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from common.config.integration_tables import OscSettings
from integrations.osc.address_table import OF_A_TALKER, OF_THE_WHOLE, ROOT, OscAddress
from integrations.osc.surfaces.__main__ import LAYOUTS

NOTES = Path(__file__).parents[3] / "notes" / "integrations"
TEXT = (NOTES / "osc.md").read_text("utf-8")
ROW = re.compile(r"\| `([^`]+)` \| (\w+) \| (both|in|out) \| (.+) \|")


def table(number: int) -> list[tuple[str, ...]]:
    """Return the rows of one of the tables of addresses."""
    return ROW.findall(TEXT.split("| address | value | way | what it is |")[number].split("\n\n")[0])


@pytest.mark.parametrize(("number", "prefix", "addresses"), [(1, "", OF_A_TALKER), (2, f"{ROOT}/", OF_THE_WHOLE)])
def test_the_tables_have_every_address_and_no_other(
    number: int, prefix: str, addresses: tuple[OscAddress, ...]
) -> None:
    assert table(number) == [(prefix + one.path, one.kind, one.way, one.words) for one in addresses]


def test_what_the_notes_name_exists() -> None:
    for page in ("osc.md", "midi.md"):
        text = (NOTES / page).read_text("utf-8")
        fields = {field.name for field in msgspec.structs.fields(OscSettings)}
        assert set(re.findall(r"`\[osc\] (\w+)", text)) | set(re.findall(r"set osc\.(\w+)", text)) <= fields
        for path in re.findall(r"\]\((\.\./[^)]+)\)", text):
            assert (NOTES / path).exists(), path
    told = TEXT + (NOTES / "midi.md").read_text("utf-8")
    assert [file.name for file in LAYOUTS.iterdir() if file.name not in told] == []
