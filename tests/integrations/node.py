"""Node, for the tests of integrations that are written in JavaScript."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from common.files.paths import CHECKOUT

FOLDER = CHECKOUT / "integrations"
LEAST = 20
"""Version of Node that Stream Deck and Companion bring."""


def workspaces() -> list[str]:
    """Return the folders below integrations/ that are in JavaScript."""
    named = json.loads((FOLDER / "package.json").read_text("utf-8"))["workspaces"]
    return [name for name in named if (FOLDER / name / "package.json").is_file()]


def _unusable() -> str:
    node = shutil.which("node")
    if node is None:
        return "no Node on this machine"
    told = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=60, check=False).stdout
    version = re.match(r"v(\d+)\.", told)
    if version is None or int(version[1]) < LEAST:
        return f"Node {told.strip() or 'of no version'} is older than {LEAST}"
    if not (FOLDER / "node_modules").is_dir():
        return "`make setup-test` has not installed integrations/node_modules"
    return ""


UNUSABLE = _unusable()
needs_node = pytest.mark.skipif(bool(UNUSABLE), reason=UNUSABLE or "-")


def run_node(*words: str, cwd: Path = FOLDER, limit_s: float = 150.0) -> subprocess.CompletedProcess[str]:
    """Run node until it ends. Return its exit code and all that it said."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PARTYLINE_", "NODE_"))}
    return subprocess.run(
        ["node", *words], cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        timeout=limit_s, check=False,
    )  # fmt: skip
