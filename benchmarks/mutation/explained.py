"""Mutants that no test can kill, with the reason. They stand in `explained.toml`."""

from __future__ import annotations

import tomllib
from pathlib import Path

import msgspec

FILE = Path(__file__).with_name("explained.toml")


class Explained(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One mutation that changes nothing that anybody could observe."""

    module: str
    line: str
    """The line as it stands, without indentation."""
    mutant: str
    """The line as mutated, without indentation."""
    why: str
    """Why no behaviour differs."""

    @property
    def key(self) -> tuple[str, str, str]:
        return self.module, self.line, self.mutant


def explained() -> list[Explained]:
    return msgspec.convert(tomllib.loads(FILE.read_text()).get("mutant", []), list[Explained])
