"""`partyline config`."""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_type_hints

import msgspec
import tomlkit

from cli.account import hidden_prompt
from cli.machine import config_import
from cli.shared import supervisor as supervisors
from cli.shared.command import Command, json_option, part
from cli.shared.failures import OK, CommandError, UsageError
from cli.shared.terminal import Style, echo, echo_json, printable
from common.config import edit, settings
from common.config.explained import explanations
from common.config.tables import Settings
from common.errors import SettingsError
from common.files.paths import Paths
from common.log.logs import HIDDEN, clean
from common.log.secret import holds_secrets, secret_fields

LIST_IT = "See `partyline config list --all`."


@dataclass(frozen=True)
class Setting:
    """One setting: an entry of a table."""

    table: str
    entry: str

    @classmethod
    def of(cls, name: str) -> Setting:
        """Return the setting called TABLE.KEY. Raises `UsageError`."""
        table, _, key = name.partition(".")
        if (table, key) not in explanations():
            raise UsageError(f"There is no setting {printable(name)!r}.", f"It is written TABLE.KEY. {LIST_IT}")
        return cls(table, key)

    @property
    def name(self) -> str:
        return f"{self.table}.{self.entry}"

    @property
    def variable(self) -> str:
        return settings.variable(self.table, self.entry)

    @property
    def secret(self) -> bool:
        table: Any = type(getattr(Settings(), self.table))
        return self.entry in secret_fields(table)

    @property
    def secrets_within(self) -> bool:
        """Whether parts of the value are secret."""
        table: Any = type(getattr(Settings(), self.table))
        return holds_secrets(get_type_hints(table)[self.entry])

    def value(self, whole: Settings) -> Any:
        """Return the value as TOML and JSON take it, without what is secret in it."""
        return self.shown(msgspec.to_builtins(getattr(getattr(whole, self.table), self.entry)))

    def shown(self, value: Any) -> Any:
        """Return a value without what is secret in it. It was read as a setting before."""
        if self.secret:
            return HIDDEN if value else value
        return clean(value) if self.secrets_within else value


def config(args: argparse.Namespace) -> int:
    status: int = args.do(args)
    return status


def _all(table: str = "") -> list[Setting]:
    if table and table not in Settings.__struct_fields__:
        raise UsageError(
            f"There is no table {printable(table)!r}.", f"Tables: {', '.join(Settings.__struct_fields__)}."
        )
    return [Setting(*name) for name in explanations() if table in ("", name[0])]


def _list(args: argparse.Namespace) -> int:
    paths = Paths.of_environment()
    whole, text = settings.load(paths), edit.read(paths)
    written = tomlkit.parse(text)
    shown = []
    for one in _all(args.table):
        source = "file" if one.entry in written.get(one.table, {}) else "default"
        source = "variable" if one.variable in os.environ else source
        if args.all or args.table or source != "default":
            shown.append((one, source))
    if args.json:
        echo_json([{"name": one.name, "value": one.value(whole), "source": source} for one, source in shown])
        return OK
    style = Style.of(sys.stdout)
    for one, source in shown:
        note = {"default": "", "file": "", "variable": f"   (by {one.variable})"}[source]
        echo(style(f"{one.name} = {_toml(one.value(whole))}{note}", "" if source == "default" else "bold"))
        if args.all or args.table:
            echo(style(f"    {explanations()[one.table, one.entry]}", "dim"))
    if not shown:
        echo("Every setting has its default. `partyline config list --all` explains them.")
    return OK


def _toml(value: Any) -> str:
    return printable(edit.item(value).as_string())


def _get(args: argparse.Namespace) -> int:
    paths = Paths.of_environment()
    one = Setting.of(args.setting)
    value = one.value(settings.load(paths))
    if args.json:
        echo_json(value)
    else:
        echo(printable(value) if isinstance(value, str) else _toml(value))
    return OK


def _set(args: argparse.Namespace) -> int:
    paths = Paths.of_environment()
    one = Setting.of(args.setting)
    text = _given(one, args.value)
    value = msgspec.to_builtins(settings.of_words(one.table, one.entry, text))
    _write(paths, edit.with_value(edit.read(paths), one.table, one.entry, value))
    echo(f"{one.name} = {_toml(one.shown(value))}")
    _after(one, paths)
    return OK


def _given(one: Setting, words: str | None) -> str:
    """Return the new value. A secret one comes from a prompt or standard input, for others may read the command."""
    hidden = one.secret or one.secrets_within
    if hidden and words not in (None, "-"):
        raise UsageError(
            f"{one.name} is secret, and a command line is kept by the shell and seen by others.",
            f"Run `partyline config set {one.name}`, which asks for it, or `… -`, which reads standard input.",
        )
    if words is None and not hidden:
        raise UsageError("partyline config set: the value is missing.", f"{explanations()[one.table, one.entry]}")
    if words == "-" or (words is None and not sys.stdin.isatty()):
        return sys.stdin.readline().rstrip("\n")
    return hidden_prompt.ask(f"{one.name}: ") if words is None else words


def _unset(args: argparse.Namespace) -> int:
    paths = Paths.of_environment()
    one = Setting.of(args.setting)
    before = edit.read(paths)
    after = edit.without(before, one.table, one.entry)
    if after == before:
        echo(f"{one.name} is not in the file.")
        return OK
    _write(paths, after)
    echo(f"{one.name} has its default again.")
    _after(one, paths)
    return OK


def _write(paths: Paths, text: str) -> None:
    """Write the settings file. One that the workers would refuse is not written."""
    settings.of_text(text, str(paths.settings_file))
    edit.write(paths, text)


def _after(one: Setting | None, paths: Paths) -> None:
    if one is not None and one.variable in os.environ:
        echo(f"The environment sets {one.variable}, and it wins over the file.", sys.stderr)
    if supervisors.find(paths) is not None:
        echo("`partyline restart` makes the running workers read it.")


def _edit(args: argparse.Namespace) -> int:
    paths = Paths.of_environment()
    del args
    before = edit.read(paths)
    with tempfile.TemporaryDirectory(prefix="partyline-") as folder:
        copy = Path(folder) / paths.settings_file.name
        copy.touch(mode=0o600)
        copy.write_text(before, "utf-8")
        while True:
            after = _edited(copy)
            if after == before:
                echo("Nothing was changed.")
                return OK
            try:
                _write(paths, after)
            except SettingsError as error:
                echo(f"{error.message}. {error.remedy}", sys.stderr)
                if not _again():
                    raise CommandError(
                        "The settings are as they were.", "Try again with `partyline config edit`."
                    ) from error
            else:
                echo(f"{paths.settings_file} is changed.")
                _after(None, paths)
                return OK


def _edited(file: Path) -> str:
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    try:
        code = subprocess.call([*shlex.split(editor), str(file)])  # noqa: S603  # the user's own editor
    except (OSError, ValueError) as error:
        raise CommandError(f"The editor {printable(editor)!r} does not start: {error}.", "Set $EDITOR.") from error
    if code:
        raise CommandError(f"The editor ended with {code}. The settings are as they were.", "Try again.")
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"The edited file cannot be read: {error}.", "Save it as UTF-8.") from error


def _again() -> bool:
    return sys.stdin.isatty() and input("Edit it again? [Y/n] ").strip().lower() in ("", "y", "yes")


def _path(args: argparse.Namespace) -> int:
    paths = Paths.of_environment()
    places = {
        "settings": paths.settings_file, "home": paths.home, "state": paths.state, "secrets": paths.secrets,
        "log": supervisors.log_folder(paths, supervisors.conf_file(paths)), "run": paths.run, "cache": paths.cache,
        "recordings": paths.recordings, "avatars": paths.avatars,
    }  # fmt: skip
    if args.json:
        echo_json({name: str(place) for name, place in places.items()})
    else:
        for name, place in places.items():
            echo(f"{name:<11}{printable(str(place))}")
    return OK


def _import(args: argparse.Namespace) -> int:
    paths = Paths.of_environment()
    for line in config_import.take(Path(args.folder).expanduser().absolute(), paths, replace=args.replace):
        echo(line)
    return OK


def _arguments(parser: argparse.ArgumentParser) -> None:
    parts = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    one = part(parts, "list", "list the settings that differ from their defaults", _list)
    one.add_argument("table", metavar="TABLE", nargs="?", default="", help="all settings of one table, explained")
    one.add_argument("--all", action="store_true", help="all settings, explained")
    json_option(one)
    one = part(parts, "get", "print the value of a setting", _get)
    one.add_argument("setting", metavar="TABLE.KEY")
    json_option(one)
    one = part(parts, "set", "change a setting in the file", _set)
    one.add_argument("setting", metavar="TABLE.KEY")
    one.add_argument("value", metavar="VALUE", nargs="?", help="the value; `-` reads it from standard input")
    one = part(parts, "unset", "remove a setting from the file, which gives it its default", _unset)
    one.add_argument("setting", metavar="TABLE.KEY")
    part(parts, "edit", "open the file in $EDITOR, and check it afterwards", _edit)
    json_option(part(parts, "path", "print where the settings, logs, recordings and all else are", _path))
    one = part(parts, "import", "move everything of another home into this one, e.g. a checkout's var/", _import)
    one.add_argument("folder", metavar="FOLDER", help="the other home, or the checkout that it is in")
    one.add_argument("--replace", action="store_true", help="put aside what this home has already")


COMMANDS = {
    "config": Command(
        description="Show and change the settings. They are in partyline.toml. Variables PARTYLINE_<TABLE>__<KEY>\n"
        "win over it. Values that do not fit are refused. Secret values are never printed.",
        example="partyline config set audio.delay_ms 120",
        run=config,
        arguments=_arguments,
    )
}
