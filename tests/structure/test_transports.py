"""A transport is known everywhere; mypy sees to the worker and to the settings."""

from __future__ import annotations

from typing import get_args

import pytest

from tests.structure.code import CHECKOUT, files, loaded
from workers.signaling.transports import Name, Transport

NAMES = get_args(Name)
METHODS = [name for name in vars(Transport) if not name.startswith("_") and callable(getattr(Transport, name))]


def classes() -> dict[str, type]:
    """Return name → class of everything in the transports' folder that does what `Transport` asks."""
    return {
        cls.name: cls
        for module in files()
        if module.startswith("workers.signaling.transports.")
        for cls in vars(loaded(module)).values()
        if isinstance(cls, type) and cls.__module__ == module and all(hasattr(cls, name) for name in [*METHODS, "name"])
    }


def test_each_name_has_its_transport_and_each_transport_its_name() -> None:
    assert set(classes()) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_transport_is_told(name: str) -> None:
    row = next(line for line in (CHECKOUT / "README.md").read_text().splitlines() if "`[signaling] transports`" in line)
    assert f"`{name}`" in row
    tables = (CHECKOUT / "common" / "config" / "tables.py").read_text()
    assert f"`{name}`" in tables.split("    transports: ")[1].split("\n    make_bridges")[0], "the setting's docstring"
