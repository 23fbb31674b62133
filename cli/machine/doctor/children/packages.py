"""Prints which of the packages that partyline needs are installed, fit, and can be imported."""

from __future__ import annotations

import importlib
import sys
from importlib import metadata

import msgspec
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from cli.machine.doctor.judge.software import Package, Packages

COMMAND = "partyline"
WITHOUT_ITS_LIBRARY = {"sounddevice": OSError}
"""A package that is fine while its library is missing. The check of PortAudio tells that."""


def found() -> Packages:
    own = next((entry.dist for entry in metadata.entry_points(group="console_scripts", name=COMMAND)), None)
    if own is None:
        return Packages(known=False)
    modules: dict[str, list[str]] = {}
    for module, names in metadata.packages_distributions().items():
        for name in names:
            modules.setdefault(canonicalize_name(name), []).append(module)
    return Packages(packages=tuple(_packages(own.requires or [], modules)))


def _packages(requirements: list[str], modules: dict[str, list[str]]) -> list[Package]:
    seen = []
    for text in requirements:
        try:
            needed = Requirement(text)
        except InvalidRequirement:
            continue
        if needed.marker is None or needed.marker.evaluate({"extra": ""}):
            seen.append(_package(needed, modules.get(canonicalize_name(needed.name), [])))
    return seen


def _package(needed: Requirement, modules: list[str]) -> Package:
    try:
        version = metadata.version(needed.name)
    except metadata.PackageNotFoundError:
        return Package(name=needed.name, wanted=str(needed.specifier))
    return Package(
        name=needed.name,
        wanted=str(needed.specifier),
        version=version,
        fits=needed.specifier.contains(version, prereleases=True),
        fault=next((fault for module in modules if (fault := _fault(module))), ""),
    )


def _fault(module: str) -> str:
    if module.startswith("_") or not module.isidentifier():
        return ""
    try:
        importlib.import_module(module)
    except WITHOUT_ITS_LIBRARY.get(module, ()):
        return ""
    except BaseException as error:  # noqa: BLE001  # whatever a broken package raises is the finding
        return " ".join(f"{type(error).__name__}: {error}".split())[:300]
    return ""


if __name__ == "__main__":
    sys.stdout.write(msgspec.json.encode(found()).decode())
