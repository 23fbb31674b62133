"""The wheel: all that the product needs is in it, and it runs from an environment that has nothing else of ours."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from tests.common.test_odd_folders import checkout, sources
from tests.support.processes import free_port, short_folder

PACKAGES = ("common/", "workers/", "simulator/", "cli/", "captures/")
UV = Path(sys.executable).parent / "uv"


def build(folder: Path) -> Path:
    """Build the wheel from a copy of the sources, without the network."""
    place = checkout(folder / "sources", *PACKAGES, "benchmarks/")
    words = ("-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "--no-index", "-w", "dist", ".")
    subprocess.run([sys.executable, *words], cwd=place, capture_output=True, text=True, timeout=120, check=True)
    (wheel,) = (place / "dist").glob("*.whl")
    return wheel


def environment(folder: Path, wheel: Path) -> Path:
    """Make an environment with the wheel, and the other packages from ours. Nobody may write to its packages."""
    venv = folder / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True, timeout=60)
    words = ("pip", "install", "-q", "--offline", "--no-deps", "--python", venv / "bin/python", wheel)
    subprocess.run([UV, *words], check=True, timeout=60)
    site = next((venv / "lib").glob("python3*/site-packages"))
    (site / "others.pth").write_text(sysconfig.get_path("purelib") + "\n")  # it is not looked through for .pth files
    for place in (site, *site.rglob("*")):
        if place.is_dir():
            place.chmod(0o555)
    return venv


def present(site: Path) -> set[str]:
    return {str(path.relative_to(site)) for path in site.rglob("*") if "__pycache__" not in path.parts}


@pytest.mark.alone
def test_the_wheel_runs_from_anywhere_with_the_platforms_folders() -> None:
    with short_folder() as folder:
        wheel = build(folder)
        inside = set(zipfile.ZipFile(wheel).namelist())
        missing = [name for name in sources() if name.startswith(PACKAGES) and name not in inside]
        assert [name for name in missing if not name.endswith(".md")] == []

        venv = environment(folder, wheel)
        (site,) = (venv / "lib").glob("python3*/site-packages")
        before, user = present(site), folder / "user"
        user.mkdir()
        env = {"HOME": str(user), "PATH": "/usr/bin:/bin", "PARTYLINE_AUDIO__SINK": "null"}
        env |= {"PARTYLINE_DASHBOARD__PORT": str(free_port())}
        try:
            done = subprocess.run(
                [venv / "bin/partyline", "up", "--for", "2", "--json"], cwd="/", env=env, stdin=subprocess.DEVNULL,
                capture_output=True, text=True, timeout=120, check=False,
            )  # fmt: skip
            assert done.returncode == 0, done.stdout + done.stderr
            assert any(member["heard_s"] > 0 for member in json.loads(done.stdout)["members"])
            places = subprocess.run(
                [venv / "bin/partyline", "config", "path", "--json"], cwd="/", env=env,
                capture_output=True, text=True, timeout=60, check=True,
            )  # fmt: skip
            told = {name: Path(place) for name, place in json.loads(places.stdout).items()}
            assert all(place.is_relative_to(user) for name, place in told.items() if name != "run")
            assert (told["log"] / "media.log").exists()
            assert told["log"] != told["home"] / "log"
            report = [venv / "bin/partyline", "probe", "report", "/none"]
            refused = subprocess.run(report, cwd="/", env=env, capture_output=True, text=True, timeout=60, check=False)
            assert "a checkout" in refused.stderr
            assert present(site) == before
        finally:
            for place in (site, *site.rglob("*")):
                if place.is_dir():
                    place.chmod(stat.S_IRWXU)
