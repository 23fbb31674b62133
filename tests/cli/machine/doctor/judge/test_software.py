"""Who installed a Python, by where it lies."""

from __future__ import annotations

import pytest

from cli.machine.doctor.judge.software import (
    NoiseSuppression,
    OpusLibrary,
    Package,
    Packages,
    Python,
    installed_by,
    opus,
    packages,
    python,
    suppression,
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


MAC = {"system": "darwin", "machine": "arm64"}
DEBIAN = {"system": "linux", "machine": "x86_64", "glibc": (2, 36)}


@pytest.mark.parametrize(
    ("found", "severity", "says", "remedy"),
    [
        ({**MAC, "version": "0.1.0"}, "ok", "package 0.1.0", ""),
        ({**MAC}, "note", "not installed", "make setup"),
        ({**DEBIAN, "glibc": (2, 28)}, "note", "not installed", "make setup"),
        ({**DEBIAN, "machine": "aarch64"}, "note", "not installed", "make setup"),
        ({**DEBIAN, "glibc": (2, 17)}, "note", "linux on x86_64, glibc 2.17", "partyline voice"),
        ({**DEBIAN, "glibc": ()}, "note", "linux on x86_64, without glibc", "OBS's own"),
        ({**DEBIAN, "machine": "armv7l"}, "note", "(linux on armv7l)", "partyline voice"),
        ({**MAC, "machine": "ppc"}, "note", "(darwin on ppc)", "partyline voice"),
        ({"system": "freebsd"}, "note", "(freebsd)", "partyline voice"),
        (
            {**MAC, "version": "0.1.0", "fault": "It is broken."},
            "warning",
            "0.1.0 does not work: It is broken.",
            "Delete",
        ),
        ({**MAC, "version": "0.2", "wanted": "<0.2", "fits": False}, "warning", "version 0.2, and <0.2 was", "again"),
    ],
)
def test_noise_suppression_is_optional_but_not_broken(found, severity: str, says: str, remedy: str) -> None:
    verdict = suppression(NoiseSuppression(**found))
    assert verdict.severity == severity
    assert says in verdict.sentence
    assert remedy in verdict.remedy
