"""The Homebrew formula: rendered for a source distribution, and Ruby takes it."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from common.basic.version import DISTRIBUTION, version
from common.files.paths import CHECKOUT

RENDER = CHECKOUT / "packaging/homebrew/render.sh"
PROJECT = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]


@pytest.fixture
def formula(tmp_path: Path) -> str:
    file = tmp_path / f"{DISTRIBUTION.replace('-', '_')}-{PROJECT['version']}.tar.gz"
    file.write_bytes(b"sources")
    return subprocess.run([RENDER, file], capture_output=True, text=True, timeout=30, check=True).stdout


def test_the_formula_names_the_distribution_its_sum_and_what_setup_asks_for(formula: str) -> None:
    assert (PROJECT["name"], PROJECT["version"]) == (DISTRIBUTION, version())
    url = re.search(r'url "(.*)"', formula)[1]
    assert url.endswith(f"/p/{DISTRIBUTION}/{DISTRIBUTION.replace('-', '_')}-{version()}.tar.gz")
    assert f'sha256 "{hashlib.sha256(b"sources").hexdigest()}"' in formula
    assert "@" not in re.sub(r'python@3\.13|"\$@"|stand[s ]* between @', "", formula)
    assert "include constraints.txt" in (CHECKOUT / "MANIFEST.in").read_text()


def test_ruby_takes_it(formula: str, tmp_path: Path) -> None:
    if shutil.which("ruby") is None:
        pytest.skip("there is no ruby here")
    file = tmp_path / "partyline.rb"
    file.write_text(formula)
    done = subprocess.run(["ruby", "-wc", file], capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout.strip(), done.stderr) == ("Syntax OK", "")


def test_without_a_file_it_says_how_it_is_called() -> None:
    done = subprocess.run([RENDER], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 2
    assert "usage:" in done.stderr
