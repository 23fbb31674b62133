"""The version of the installed partyline."""

from __future__ import annotations

import importlib.metadata

DISTRIBUTION = "partyline-psn"
"""The name on PyPI, where `partyline` is another program."""
BEFORE = "partyline"
"""The name until version 0.1, which an environment keeps until `make setup` runs in it again."""


def version() -> str:
    try:
        return importlib.metadata.version(DISTRIBUTION)
    except importlib.metadata.PackageNotFoundError:
        return importlib.metadata.version(BEFORE)
