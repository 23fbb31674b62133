"""Judgements about Python, its packages and the native libraries."""

from __future__ import annotations

import re

import msgspec

from cli.machine.doctor.check import Evidence, Verdict

OLDEST, NEWEST = (3, 11), (3, 15)
"""Versions with ready-made packages (README, constraints.txt)."""
_AGAIN = "Run `make setup` again."
_INSTALLERS = (
    (r"^/Library/Frameworks/Python\.framework/", "python.org"),
    (r"/(Cellar|opt)/python@|/homebrew/|/linuxbrew/", "Homebrew"),
    (r"/CommandLineTools/|/Xcode[^/]*\.app/|\.framework/Versions/3\.9$", "Xcode"),
    (r"/\.pyenv/|/pyenv/versions/", "pyenv"),
    (r"/uv/python/", "uv"),
    (r"/(mini|ana|mamba|micromamba)[a-z0-9]*/|conda", "conda"),
    (r"^/opt/local/", "MacPorts"),
    (r"^/nix/", "Nix"),
    (r"/(\.asdf|asdf|mise)/", "asdf or mise"),
)
"""Pattern in the path of Python's installation → who installed it."""


class Python(Evidence, frozen=True, kw_only=True):
    version: tuple[int, int, int]
    executable: str
    base: str
    """Where the Python is installed from which the virtual environment was made."""
    implementation: str = "cpython"
    free_threaded: bool = False


def installed_by(base: str) -> str:
    """Return who installed the Python in `base`, as far as its path tells."""
    for pattern, name in _INSTALLERS:
        if re.search(pattern, base):
            return name
    return "the system" if base in ("/usr", "/usr/local") else "another way"


def python(found: Python) -> Verdict:
    version, by = ".".join(map(str, found.version)), installed_by(found.base)
    choose = f"Install Python {NEWEST[0]}.13 from python.org, delete `.venv`, and run `make setup`."
    if by == "Xcode":
        return Verdict("error", f"This Python {version} belongs to Xcode's command line tools.", choose)
    if not OLDEST <= found.version[:2] <= NEWEST:
        return Verdict(
            "error",
            f"Python {version} is not supported: partyline needs {OLDEST[0]}.{OLDEST[1]} to {NEWEST[0]}.{NEWEST[1]}.",
            choose,
        )
    if found.implementation != "cpython" or found.free_threaded:
        kind = "free-threaded" if found.free_threaded else found.implementation
        return Verdict("warning", f"Python {version} is {kind}. Some packages are not made for it.", choose)
    return Verdict("ok", f"Python {version}, installed by {by}.")


class Package(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    name: str
    wanted: str
    """The versions that partyline allows."""
    version: str = ""
    """Empty if it is not installed."""
    fits: bool = True
    fault: str = ""
    """Why it cannot be imported."""


class Packages(Evidence, frozen=True, kw_only=True):
    packages: tuple[Package, ...] = ()
    known: bool = True
    """False where partyline itself is not installed as a package."""


def packages(found: Packages) -> Verdict:
    if not found.known:
        return Verdict("cannot tell", "partyline is not installed as a package, so its needs are not known.", _AGAIN)
    missing = [one.name for one in found.packages if not one.version]
    broken = [one for one in found.packages if one.version and one.fault]
    unfit = [one for one in found.packages if one.version and not one.fits]
    if missing:
        return Verdict("error", f"Missing packages: {', '.join(missing)}.", _AGAIN)
    if broken:
        return Verdict(
            "error",
            f"The package {broken[0].name} cannot be imported: {broken[0].fault}."
            + (f" {len(broken) - 1} more cannot either." if len(broken) > 1 else ""),
            "Delete `.venv`, and run `make setup`. A package for another processor cannot be loaded.",
        )
    if unfit:
        names = ", ".join(f"{one.name} {one.version} (wanted {one.wanted})" for one in unfit)
        return Verdict("warning", f"Packages of another version than wanted: {names}.", _AGAIN)
    return Verdict("ok", f"All {len(found.packages)} packages are installed and can be imported.")


class Opus(Evidence, frozen=True, kw_only=True):
    version: str = ""
    fault: str = ""


def opus(found: Opus) -> Verdict:
    if found.fault:
        return Verdict("error", f"libopus cannot be loaded: {found.fault}.", _AGAIN)
    if "system" in found.version:
        return Verdict(
            "note",
            f"libopus {found.version} is used, since PyAV brings none.",
            "Run `make setup` again to get PyAV's ready-made package.",
        )
    return Verdict("ok", f"libopus {found.version}.")
