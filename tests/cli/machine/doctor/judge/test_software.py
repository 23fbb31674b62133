"""Who installed a Python, by where it lies."""

from __future__ import annotations

import pytest

from cli.machine.doctor.judge.software import (
    OpusLibrary,
    Package,
    Packages,
    Python,
    installed_by,
    opus,
    packages,
    python,
)


@pytest.mark.parametrize(
    ("base", "by"),
    [
        ("/Library/Frameworks/Python.framework/Versions/3.13", "python.org"),
        ("/opt/homebrew/opt/python@3.14/Frameworks/Python.framework/Versions/3.14", "Homebrew"),
        ("/usr/local/Cellar/python@3.13/3.13.9/Frameworks/Python.framework/Versions/3.13", "Homebrew"),
        ("/home/linuxbrew/.linuxbrew/opt/python@3.13", "Homebrew"),
        ("/Library/Developer/CommandLineTools/Library/Frameworks/Python3.framework/Versions/3.9", "Xcode"),
        ("/Applications/Xcode.app/Contents/Developer/Library/Frameworks/Python3.framework/Versions/3.9", "Xcode"),
        ("/Users/x/.pyenv/versions/3.13.1", "pyenv"),
        ("/Users/x/.local/share/uv/python/cpython-3.13.9-macos-aarch64-none", "uv"),
        ("/Users/x/miniforge3/envs/pl", "conda"),
        ("/opt/local/Library/Frameworks/Python.framework/Versions/3.13", "MacPorts"),
        ("/nix/store/abc-python3-3.13", "Nix"),
        ("/Users/x/.local/share/mise/installs/python/3.13", "asdf or mise"),
        ("/usr", "the system"),
        ("/srv/py", "another way"),
    ],
)
def test_who_installed_it(base: str, by: str) -> None:
    assert installed_by(base) == by


def of(version: tuple[int, int, int], **more: object) -> str:
    return python(Python(version=version, executable="", base="/usr", **more)).severity


def test_versions_from_3_11_to_3_15_are_supported() -> None:
    assert [of((3, minor, 0)) for minor in (10, 11, 15, 16)] == ["error", "ok", "ok", "error"]
    assert of((3, 14, 0), free_threaded=True) == of((3, 11, 0), implementation="pypy") == "warning"


def test_a_missing_package_comes_before_a_broken_one_and_that_before_an_unfit_one() -> None:
    fine = Package(name="a", wanted=">1", version="2")
    unfit = Package(name="b", wanted=">1", version="1", fits=False)
    broken = Package(name="c", wanted=">1", version="2", fault="ImportError: x")
    missing = Package(name="d", wanted=">1")
    assert packages(Packages(packages=(fine,))).severity == "ok"
    assert packages(Packages(packages=(fine, unfit))).severity == "warning"
    assert "c cannot be imported" in packages(Packages(packages=(unfit, broken))).sentence
    assert "Missing packages: d" in packages(Packages(packages=(unfit, broken, missing))).sentence
    assert packages(Packages(known=False)).severity == "cannot tell"


def test_libopus_of_the_system_is_a_note() -> None:
    assert [opus(OpusLibrary(version=version)).severity for version in ("1.6.1 (PyAV)", "1.5 (system)")] == [
        "ok",
        "note",
    ]
