"""What runs on the other one of two machines (`partyline split`), for commands that need it here."""

from __future__ import annotations

from collections.abc import Sequence

from cli.shared import far
from cli.shared.failures import UsageError
from cli.shared.terminal import listed, printable
from common.basic.division import Division
from common.config.settings import load
from common.errors import SettingsError
from common.files.paths import Paths


def division(paths: Paths) -> Division | None:
    """Return the division of the workers. Settings that cannot be used are told by whoever needs them."""
    try:
        return load(paths).split.division()
    except SettingsError:
        return None


def check_account(command: str) -> None:
    """Raise `UsageError` for a command about the account at the desk, where nobody is signed in."""
    found = None if far.machine() else division(Paths.of_environment())
    if found is not None and not found.is_here("auth"):
        machine = printable(found.machine)
        raise UsageError(f"The account is on {machine}, which is in the party.", f"Run `partyline {command}` there.")


def check_workers(names: Sequence[str]) -> None:
    """Raise `UsageError` for a restart of a worker that runs on the other machine."""
    found = division(Paths.of_environment())
    away = [name for name in names if found is not None and name in found.there]
    if found is not None and away:
        raise UsageError(
            f"{listed(away)} {'runs' if len(away) == 1 else 'run'} on {printable(found.machine)}.",
            f"Run `partyline restart {' '.join(away)}` there.",
        )
