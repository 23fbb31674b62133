"""A setting is explained where it is defined, and read somewhere."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from common.config.settings import load
from common.config.tables import Settings
from common.errors import SettingsError
from common.files.paths import Paths
from tests.structure.code import files, tree

TABLES = {type(getattr(Settings(), name)).__name__: name for name in Settings.__struct_fields__}
"""Class → table."""
MODULES = sorted({type(getattr(Settings(), name)).__module__ for name in Settings.__struct_fields__})
ADDRESSES = ("_url", "_server", "_servers")
"""How the names of settings that are addresses end."""


def keys() -> list[tuple[str, str, bool]]:
    """Return (table, key, whether a docstring stands behind it) for every setting."""
    found = []
    for node in (node for module in MODULES for node in tree(module).body):
        if isinstance(node, ast.ClassDef) and node.name in TABLES:
            for line, after in zip(node.body, [*node.body[1:], None], strict=True):
                if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
                    told = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
                    found.append((TABLES[node.name], line.target.id, told))
    return found


def test_every_setting_is_explained() -> None:
    assert len(keys()) > 80, "the collector finds the settings no longer"
    assert [f"{table}.{key}" for table, key, told in keys() if not told] == []


@pytest.fixture(scope="module")
def words() -> set[str]:
    """Every attribute that the product reads, and every string in it (a key is also read by name)."""
    found: set[str] = set()
    for module in files():
        if module not in MODULES:
            for node in ast.walk(tree(module)):
                if isinstance(node, ast.Attribute):
                    found.add(node.attr)
                elif (
                    isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch(r"\w+", node.value)
                ):
                    found.add(node.value)
    return found


@pytest.mark.parametrize("url", ["typo", "stun//host", "turn:host:3478", "stun:host:99999"])
def test_a_stun_server_that_is_none_is_refused_by_name(url: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"ice\.stun_servers.*no STUN server"):
        load(Paths(tmp_path), {"PARTYLINE_ICE__STUN_SERVERS": url})


def test_every_setting_is_read_by_something(words: set[str]) -> None:
    assert [f"{table}.{key}" for table, key, _ in keys() if key not in words] == []


@pytest.mark.parametrize("key", [f"{table}.{key}" for table, key, _ in keys() if key.endswith(ADDRESSES)])
def test_a_setting_that_is_an_address_is_checked(key: str, tmp_path: Path) -> None:
    """Wrong ones are refused at the start, by name; ``_check_urls`` of common/config/settings.py lists them."""
    table, _, name = key.lower().partition(".")
    with pytest.raises(SettingsError, match=name):
        load(Paths(tmp_path), {f"PARTYLINE_{table}__{name}".upper(): "typo"})
