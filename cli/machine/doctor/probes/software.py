"""Probes of Python, its packages and libopus."""

from __future__ import annotations

import platform
import sys
import sysconfig

import msgspec

from cli.machine.doctor.judge.software import OpusLibrary, Packages, Python
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
    return msgspec.convert(around.run_python("workers.media.receive.voice.opus", wait_s=IMPORTS_S), OpusLibrary)
