"""Versions and changed settings of a run, for its folder."""

from __future__ import annotations

import platform

import msgspec

from cli.probe.results.run_record import Versions
from common.basic.version import version
from common.config.tables import Settings
from common.log.secret import secret_fields
from common.messages import WorkerHealth

_LIBRARIES = ("libopus", "aiortc")
"""The facts of workers that are versions."""


def versions(health: dict[str, WorkerHealth]) -> Versions:
    """Return what runs here; `health` is the workers' latest, by name."""
    libraries = {name: value for one in health.values() for name, value in one.facts.items() if name in _LIBRARIES}
    return Versions(
        partyline=version(),
        python=platform.python_version(),
        system=f"{platform.system()} {platform.release().split('-')[0]} {platform.machine()}",
        libraries=libraries,
    )


def changed(settings: Settings) -> dict[str, str]:
    """Return ``table.key`` → value of settings that are not the default.

    Texts and tables may name hosts, files, people or secrets. Their value is replaced by "changed".
    """
    found = {}
    for table in settings.__struct_fields__:
        present = getattr(settings, table)
        usual = type(present)()
        for key in present.__struct_fields__:
            value = getattr(present, key)
            if value != getattr(usual, key):
                hidden = key in secret_fields(present.__class__)
                fields = msgspec.structs.fields(present)
                found[f"{table}.{key}"] = "changed" if hidden else _shown(value, fields, key)
    return found


def _shown(value: object, fields: tuple[msgspec.structs.FieldInfo, ...], key: str) -> str:
    if isinstance(value, bool | int | float):
        return str(value)
    kind = next(field.type for field in fields if field.name == key)
    choices = getattr(msgspec.inspect.type_info(kind), "values", ())
    return str(value) if isinstance(value, str) and value in choices else "changed"
