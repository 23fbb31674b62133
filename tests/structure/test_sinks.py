"""A kind of sink is known everywhere: mypy finds a `match` that lacks one, these tests find the rest."""

from __future__ import annotations

import ast
from typing import get_args

import pytest

from common.basic.values import SinkKind
from tests.structure.code import CHECKOUT, files, loaded, tree
from workers.audio.sinks import where
from workers.audio.surroundings import SINKS as MADE

KINDS = get_args(SinkKind)
SINKS = [module for module in files() if module.startswith("workers.audio.sinks.")]
COMPARED = {
    ("workers.audio.worker", "setup"): "only a device can hang",
    ("workers.audio.device_watch", "_plays_on_devices"): "devices are only sought for the sink that plays on one",
    ("workers.audio.device_watch", "publish"): "likewise",
    ("workers.audio.play.outputs.further_outputs", "devices"): "only a device can be another output's too",
}
"""Where a kind is compared instead of matched, and why another kind needs no thought there."""


def test_each_kind_has_its_file_and_each_sink_its_kind() -> None:
    there = [
        cls
        for module in SINKS
        for cls in vars(loaded(module)).values()
        if isinstance(cls, type) and cls.__module__ == module and hasattr(cls, "kind")
    ]
    assert sorted(cls.kind for cls in there) == sorted(KINDS)
    assert set(there) == set(MADE), "its problem would stand when it plays again"


def test_kinds_are_matched_not_compared() -> None:
    """``if sink == "file" … return …`` falls through for a new kind without a word."""
    found = set()
    for module in files():
        for function in ast.walk(tree(module)):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                for node in ast.walk(function):
                    if isinstance(node, ast.Compare) and _of_a_sink(node.left) and _kind(node.comparators[0]):
                        found.add((module, function.name))
    assert found == set(COMPARED)


def _of_a_sink(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr in ("sink", "wanted_sink", "kind")


def _kind(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value in KINDS


@pytest.mark.parametrize("wanted", KINDS)
def test_audio_says_where_the_sound_goes(wanted: SinkKind) -> None:
    playing, away = where(wanted, wanted, "x"), where("null", wanted, "")
    assert playing.startswith("nowhere") == (wanted == "null")
    assert away.startswith("nowhere")
    assert (away == playing) == (wanted == "null"), "it says why nothing plays"


@pytest.mark.parametrize("kind", KINDS)
def test_readme_names_every_kind(kind: str) -> None:
    row = next(line for line in (CHECKOUT / "README.md").read_text().splitlines() if "`[audio] sink`" in line)
    assert f'`"{kind}"`' in row
