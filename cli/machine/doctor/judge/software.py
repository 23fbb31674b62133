"""Judgements about Python, its packages and the native libraries."""

from __future__ import annotations

import re

import msgspec

from cli.machine.doctor.check import CheckEvidence, CheckVerdict

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


class Python(CheckEvidence, frozen=True, kw_only=True):
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


def python(found: Python) -> CheckVerdict:
    version, by = ".".join(map(str, found.version)), installed_by(found.base)
    choose = f"Install Python {NEWEST[0]}.13 from python.org, delete `.venv`, and run `make setup`."
    if by == "Xcode":
        return CheckVerdict("error", f"This Python {version} belongs to Xcode's command line tools.", choose)
    if not OLDEST <= found.version[:2] <= NEWEST:
        return CheckVerdict(
            "error",
            f"Python {version} is not supported: partyline needs {OLDEST[0]}.{OLDEST[1]} to {NEWEST[0]}.{NEWEST[1]}.",
            choose,
        )
    if found.implementation != "cpython" or found.free_threaded:
        kind = "free-threaded" if found.free_threaded else found.implementation
        return CheckVerdict("warning", f"Python {version} is {kind}. Some packages are not made for it.", choose)
    return CheckVerdict("ok", f"Python {version}, installed by {by}.")


class Package(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    name: str
    wanted: str
    """The versions that partyline allows."""
    version: str = ""
    """Empty if it is not installed."""
    fits: bool = True
    fault: str = ""
    """Why it cannot be imported."""


class Packages(CheckEvidence, frozen=True, kw_only=True):
    packages: tuple[Package, ...] = ()
    known: bool = True
    """False where partyline itself is not installed as a package."""


def packages(found: Packages) -> CheckVerdict:
    if not found.known:
        return CheckVerdict(
            "cannot tell", "partyline is not installed as a package, so its needs are not known.", _AGAIN
        )
    missing = [one.name for one in found.packages if not one.version]
    broken = [one for one in found.packages if one.version and one.fault]
    unfit = [one for one in found.packages if one.version and not one.fits]
    if missing:
        return CheckVerdict("error", f"Missing packages: {', '.join(missing)}.", _AGAIN)
    if broken:
        return CheckVerdict(
            "error",
            f"The package {broken[0].name} cannot be imported: {broken[0].fault}."
            + (f" {len(broken) - 1} more cannot either." if len(broken) > 1 else ""),
            "Delete `.venv`, and run `make setup`. A package for another processor cannot be loaded.",
        )
    if unfit:
        names = ", ".join(f"{one.name} {one.version} (wanted {one.wanted})" for one in unfit)
        return CheckVerdict("warning", f"Packages of another version than wanted: {names}.", _AGAIN)
    return CheckVerdict("ok", f"All {len(found.packages)} packages are installed and can be imported.")


class OpusLibrary(CheckEvidence, frozen=True, kw_only=True):
    version: str = ""
    fault: str = ""


def opus(found: OpusLibrary) -> CheckVerdict:
    if found.fault:
        return CheckVerdict("error", f"libopus cannot be loaded: {found.fault}.", _AGAIN)
    if "system" in found.version:
        return CheckVerdict(
            "note",
            f"libopus {found.version} is used, since PyAV brings none.",
            "Run `make setup` again to get PyAV's ready-made package.",
        )
    return CheckVerdict("ok", f"libopus {found.version}.")


WHEELS = {"darwin": ("arm64", "x86_64"), "linux": ("x86_64", "aarch64")}
"""Systems and processors with a ready-made package for noise suppression. On Linux it needs glibc 2.28."""
OLDEST_GLIBC = (2, 28)


class NoiseSuppression(CheckEvidence, frozen=True, kw_only=True):
    version: str = ""
    """Of the package with the library and the model. Empty if it is not installed."""
    wanted: str = ""
    """The versions that partyline knows."""
    fits: bool = True
    fault: str = ""
    """Why it does not work."""
    system: str = ""
    machine: str = ""
    glibc: tuple[int, ...] = ()
    """Empty where the C library is another one."""


def suppression(found: NoiseSuppression) -> CheckVerdict:
    if not found.version and not _has_wheel(found):
        where = f"{found.system} on {found.machine}" if found.machine else found.system
        return CheckVerdict(
            "note",
            f"There is no noise suppression for this machine ({where}{_libc(found)}). All else works without it.",
            "Use the gate and the equaliser (`partyline voice`), or OBS's own noise suppression filter.",
        )
    if not found.version:
        return CheckVerdict("note", "Noise suppression of single members is not installed.", _AGAIN)
    if found.fault:
        return CheckVerdict(
            "warning",
            f"Noise suppression {found.version} does not work: {found.fault.rstrip('.')}.",
            "Delete `.venv`, and run `make setup`. A library for another processor cannot be loaded.",
        )
    if not found.fits:
        return CheckVerdict(
            "warning", f"Noise suppression is of version {found.version}, and {found.wanted} was tested.", _AGAIN
        )
    return CheckVerdict("ok", f"Noise suppression works (DeepFilterNet, package {found.version}).")


def _has_wheel(found: NoiseSuppression) -> bool:
    return found.machine in WHEELS.get(found.system, ()) and (found.system != "linux" or found.glibc >= OLDEST_GLIBC)


def _libc(found: NoiseSuppression) -> str:
    if found.system != "linux" or found.glibc >= OLDEST_GLIBC:
        return ""
    return f", glibc {'.'.join(map(str, found.glibc))}" if found.glibc else ", without glibc"
