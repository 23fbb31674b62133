"""Changes of the settings file that keep the user's comments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tomlkit
import tomlkit.items
from tomlkit.exceptions import TOMLKitError

from common.errors import SettingsError
from common.files.paths import Paths, write_atomically


def with_value(text: str, table: str, key: str, value: Any) -> str:
    """Return the settings `text` with one value set. Comments and everything else stay."""
    try:
        document = tomlkit.parse(text)
        group = document.get(table)
        if group is None:
            group = tomlkit.table()
            document[table] = group
        group[key] = item(value)
        return tomlkit.dumps(document)
    except (TOMLKitError, TypeError) as error:
        raise SettingsError(f"partyline.toml cannot be changed: {error}", "Mend that line of the file.") from error


def item(value: Any) -> tomlkit.items.Item:
    """Return a value as it stands in the file, on one line."""
    if isinstance(value, dict):
        table = tomlkit.inline_table()
        table.update(value)
        return table
    made: tomlkit.items.Item = tomlkit.item(value)
    return made


def without(text: str, table: str, key: str) -> str:
    """Return the settings `text` without a value, which is then the default."""
    try:
        document = tomlkit.parse(text)
        group = document.get(table)
        if group is None or key not in group:
            return text
        del group[key]
        return tomlkit.dumps(document)
    except (TOMLKitError, TypeError) as error:
        raise SettingsError(f"partyline.toml cannot be changed: {error}", "Mend that line of the file.") from error


def with_values(text: str, table: str, values: Mapping[str, Any]) -> str:
    """Return the settings `text` with several values of a table set. None stands for the default."""
    for key, value in values.items():
        text = without(text, table, key) if value is None else with_value(text, table, key, value)
    return text


def read(paths: Paths) -> str:
    """Return the settings file's text, empty if there is none. Raises `SettingsError`."""
    try:
        return paths.settings_file.read_text("utf-8") if paths.settings_file.exists() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{paths.settings_file} cannot be read: {error}", "Check the file.") from error


def write(paths: Paths, text: str) -> None:
    """Write the settings file, through a link and not over it. Raises `OSError`."""
    paths.make()
    target = paths.settings_file.resolve()
    mode = target.stat().st_mode & 0o777 if target.exists() else 0o600
    write_atomically(target, text.encode(), mode=mode)
