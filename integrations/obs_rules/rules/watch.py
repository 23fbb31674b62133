"""The rule file on disk: read at the start, and again when it changes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import structlog

from common.config.tables import Settings
from common.errors import PartylineError
from common.files.paths import Paths
from integrations.obs_rules.rules.model import RuleSet
from integrations.obs_rules.rules.rule_file import RuleFileError, read

DEFAULT = "obs-rules.toml"
POLL_S = 1.0
"""How often the file is looked at. Chosen so that a change is seen while its editor is still in front."""


def place(settings: Settings, paths: Paths) -> Path:
    """Return where the rule file is: beside `partyline.toml`, unless the setting says otherwise."""
    return paths.settings_file.parent / Path(settings.obs_rules.file or DEFAULT).expanduser()


def load(file: Path) -> RuleSet:
    """Return the rules of a file. Raises `RuleFileError`."""
    try:
        text = file.read_text("utf-8")
    except FileNotFoundError as error:
        raise RuleFileError(
            f"There is no rule file {file}.",
            f"Begin with an example: `partyline integration obs_rules --example > '{file}'`.",
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise RuleFileError(f"{file} cannot be read: {error}.", "Check its permissions and its encoding.") from error
    return read(text, str(file))


async def watch(file: Path, use: Callable[[RuleSet], None], poll_s: float = POLL_S) -> None:
    """Call `use` with the rules after each change of the file, until cancelled. A wrong file changes nothing."""
    log = structlog.get_logger("obs_rules")
    seen = _state(file)
    while True:
        await asyncio.sleep(poll_s)
        if (now := _state(file)) == seen:
            continue
        seen = now
        try:
            use(load(file))
        except PartylineError as error:
            log.warning("the rules stay as they were", error=error.message, remedy=error.remedy)
        else:
            log.info("the rules were read again", file=str(file))


def _state(file: Path) -> tuple[int, int, int] | None:
    try:
        stat = file.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino
