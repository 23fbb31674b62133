"""A fact that several parts rest on is written down once."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from common.messages import FRAME_SAMPLES, SAMPLE_RATE

ROOT = Path(__file__).parents[2]
PRODUCT = sorted(file for folder in ("common", "workers", "cli") for file in (ROOT / folder).rglob("*.py"))
AUDIO_FORMAT = {
    "common/messages/base.py": "the one place",
    "common/psn/sdp_from_sony.py": "the clock that RFC 7587 has for Opus",
    "workers/media/connections.py": "the RTP clock that an answer names",
    "workers/media/receive/opus.py": "the frame lengths that Opus knows",
}


def numbers(file: Path) -> Iterator[tuple[int, object]]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Constant) and type(node.value) in (int, float):
            yield node.lineno, node.value


@pytest.mark.parametrize("value", [FRAME_SAMPLES, SAMPLE_RATE])
def test_the_pipelines_audio_format_is_written_once(value: int) -> None:
    found = {
        f"{file.relative_to(ROOT)}:{line}"
        for file in PRODUCT
        if str(file.relative_to(ROOT)) not in AUDIO_FORMAT
        for line, number in numbers(file)
        if number == value
    }
    assert not found, f"{value} is FRAME_SAMPLES or SAMPLE_RATE of common.messages"
