"""The page of a run for people."""

from __future__ import annotations

import msgspec
import pytest

from cli.probe.results.run_pages import page
from cli.probe.results.run_record import DrawnValue
from tests.cli.probe.results.test_run_folder import record


def test_the_page_tells_steps_calls_and_what_is_settled():
    text = page(record())
    for word in ("`rtp.clock`", "settled", "5. A party", "403", "aiortc 1.14.0"):
        assert word in text


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"finished": True, "left": True}, "The run was completed. PlayStation confirmed the leave."),
        ({"left": False}, "The run was not completed. **The leave was not confirmed.**"),
        ({}, "The run was not completed.\n"),
        (
            {"rehearsal": True, "seed": 7},
            "A rehearsal against the simulator with seed 7. It shows nothing of Sony's servers.",
        ),
    ],
)
def test_the_page_says_how_the_run_ended(changed, sentence):
    assert sentence in page(msgspec.structs.replace(record(), **changed))


def test_only_a_rehearsal_has_drawn_values():
    drawn = (DrawnValue(name="rtp.clock", way="16000", found="found"),)
    assert "## Drawn values" not in page(record())
    assert "| `rtp.clock` | `16000` | found |" in page(msgspec.structs.replace(record(), drawn=drawn))
