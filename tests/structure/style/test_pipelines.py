"""A whole pipeline costs five seconds of a core to start, so that few files start more than one or two."""

from __future__ import annotations

import re
from pathlib import Path

from common.files.paths import CHECKOUT

FEW = 2
MANY = {
    "tests/cli/pipeline/test_lifecycle.py": (
        16,
        "starts and ends of a pipeline are its subject; its workers are stand-ins",
    ),
}
"""Files that start more, how many at most, and why."""
START = re.compile(r'\b(?:run|start)\(\s*"up"|\bin \(\["up"|\b(?<!def )pipeline\((?:environment|\{|server|env)')


def starts(source: str) -> int:
    return len(START.findall(source))


def test_few_files_start_more_than_a_pipeline_or_two() -> None:
    found = {
        str(file.relative_to(CHECKOUT)): starts(file.read_text("utf-8"))
        for file in sorted((CHECKOUT / "tests").rglob("test_*.py"))
        if file.name != Path(__file__).name
    }
    allowed = {file: most for file, (most, _) in MANY.items()}
    too_many = {file: count for file, count in found.items() if count > allowed.get(file, FEW)}
    assert not too_many, "share one by a fixture of the module, or say in MANY why not"
    assert all(found[file] > FEW for file in MANY)


def test_a_start_is_seen() -> None:
    assert starts('home.run("up")\nhome.start("up", "--foreground")\nwith pipeline(server.env) as made:') == 3
    assert starts('home.run("update")\ndef pipeline(env): ...\nself.pipeline("x")') == 0
