"""A fact that several parts rest on is written down once."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from common.messages import BRIDGE_PEER, FRAME_SAMPLES, SAMPLE_RATE, PartyState, PeerKey, peer_key

ROOT = Path(__file__).parents[2]
PRODUCT = sorted(file for folder in ("common", "workers", "cli") for file in (ROOT / folder).rglob("*.py"))
AUDIO_FORMAT = {
    "common/messages/base.py": "the one place",
    "common/psn/sdp/from_sony.py": "the clock that RFC 7587 has for Opus",
    "workers/media/peers/descriptions.py": "the RTP clock that an answer names",
    "common/bus/voice/opus.py": "the frame lengths that Opus knows",
}


_WRITTEN = re.compile(r"\b(480|48_?000)\b")


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
        if _WRITTEN.search(file.read_text("utf-8"))
        for line, number in numbers(file)
        if number == value
    }
    assert not found, f"{value} is FRAME_SAMPLES or SAMPLE_RATE of common.messages"


TAKES_APART = {
    "cli/machine/config.py": "a setting's name",
    "common/bus/split/said.py": "the worker of a problem",
    "common/log/limit.py": "a logger's name",
    "common/messages/party.py": "PeerKey itself",
    "common/system/hostname.py": "a host's name",
}


def test_a_peer_key_is_taken_apart_in_one_place() -> None:
    found = {
        str(file.relative_to(ROOT))
        for file in PRODUCT
        if re.search(r"""[^r]partition\(["']\.["']\)""", file.read_text())
    }
    assert found == set(TAKES_APART), "PeerKey.of takes a peer key apart"


def test_a_peer_key_is_text_on_the_bus() -> None:
    key = PeerKey.of("3456789012345678901.PS5")
    assert (key.account_id, key.platform, key.is_account) == ("3456789012345678901", "PS5", True)
    assert str(key) == f"{key}" == peer_key(*key) == "3456789012345678901.PS5"
    assert PeerKey.of("3456789012345678901") == PeerKey("3456789012345678901", "")
    assert not PeerKey.of(BRIDGE_PEER).is_account
    assert not PeerKey.of("\u0661.PS5").is_account
    assert PartyState(phase="none").my_key == PeerKey("", "")
