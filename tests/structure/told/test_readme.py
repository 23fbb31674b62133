"""README's tables name what there is: every command with its parts, and settings that exist."""

from __future__ import annotations

import argparse
import importlib
import re
from collections.abc import Iterator

import pytest

from cli.__main__ import COMMANDS
from cli.shared.command import Parts
from common.config.tables import Settings
from tests.notes.collect import rows
from tests.structure.code import CHECKOUT, WORKERS

README = (CHECKOUT / "README.md").read_text()


def section(title: str) -> str:
    return README.split(f"\n## {title}\n")[1].split("\n## ")[0]


def parser(name: str) -> argparse.ArgumentParser:
    return importlib.import_module(COMMANDS[name][0]).COMMANDS[name].parser(name)


def parts(name: str) -> set[str]:
    """Return what may follow a command's name, e.g. ``start`` of ``record``."""
    return {word for action in parser(name)._actions if isinstance(action, Parts) for word in action.choices}


def listed() -> Iterator[tuple[str, str]]:
    """Yield (command, its part or "") of each item in the table's first column; a part may stand by itself."""
    for cells in rows(section("Commands")):
        command = ""
        for item in re.findall(r"`([^`]+)`", cells[0]):
            first, *more = item.split()
            if first in COMMANDS and not (command and first in parts(command)):
                command = first
                yield command, more[0] if more and more[0] in parts(command) else ""
            else:
                yield command, first


def test_the_table_of_commands_has_every_command_and_its_parts_and_no_other() -> None:
    there = {(name, word) for name in COMMANDS for word in parts(name) or {""}}
    named = set(listed())
    assert sorted(there - named) == [], "not in README's table of commands"
    assert sorted(item for item in named - there if item[1] or item[0] not in COMMANDS) == [], "no such command"


def test_options_in_the_table_of_commands_exist() -> None:
    for cells in rows(section("Commands")):
        for item in re.findall(r"`([^`]+)`", cells[0]):
            name = item.split()[0]
            for option in re.findall(r"--[\w-]+", item):
                assert option in parser(name).format_help(), item


def settings() -> set[tuple[str, str]]:
    return {
        (table, key)
        for table in Settings.__struct_fields__
        for key in type(getattr(Settings(), table)).__struct_fields__
    }


def test_the_settings_that_readme_names_exist() -> None:
    for cells in rows(section("Settings")):
        table, key = re.match(r"`\[(\w+)\] (\w+)`", cells[0]).groups()
        keys = [key, *(word for word in re.findall(r"`(\w+)`", cells[0]))]
        assert {(table, name) for name in keys} <= settings(), cells[0]


@pytest.mark.parametrize("text", re.findall(r"`\[(\w+)\] (\w+)`", README), ids=".".join)
def test_a_setting_named_anywhere_in_readme_exists(text: tuple[str, str]) -> None:
    assert text in settings()


def test_the_help_of_restart_names_every_worker() -> None:
    told = parser("restart").format_help()
    assert [name for name in sorted(WORKERS) if name not in told] == []
