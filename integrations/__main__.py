"""`python -m integrations --managed`: the integrations that the settings name, until SIGTERM. Without any it ends."""

from __future__ import annotations

import asyncio
import signal
import sys

from common.config.settings import load
from common.errors import PartylineError
from common.files.paths import Paths, usable_umask
from common.log import logs
from common.run.process import EXIT_RUNNING, EXIT_SETTINGS, only_one

NAME = "integrations"


def main() -> int:
    """Exit 0 after a stop or without anything to run, 75 if it runs already, 78 on settings."""
    usable_umask()
    paths = Paths.of_environment()
    log = logs.setup(NAME)
    try:
        settings = load(paths)
    except PartylineError as error:
        log.error("cannot start", error=error.message, remedy=error.remedy)  # noqa: TRY400  # a sentence
        return EXIT_SETTINGS
    logs.setup(NAME, settings.log.level)
    wanted = settings.integrations.run
    if not wanted:
        log.info("nothing to run", remedy="Name some in the setting `[integrations] run`.")
        return 0
    division = settings.split.division()
    if division is not None and not division.is_here(NAME):
        log.info("run on the other machine", machine=division.machine)
        return 0
    paths.make()
    with only_one(paths.run, NAME) as alone:
        if not alone:
            log.error("already running in this home", remedy="Stop the other one: `partyline down`.")
            return EXIT_RUNNING
        return asyncio.run(_until_stopped(wanted, paths))


async def _until_stopped(wanted: tuple[str, ...], paths: Paths) -> int:
    from integrations import catalogue, side_by_side  # noqa: PLC0415  # not loaded where nothing is to run
    from integrations.client.access import access  # noqa: PLC0415

    around = catalogue.Around(find=access, settings=load(paths), paths=paths)
    running = asyncio.create_task(side_by_side.run_all(wanted, around, catalogue.load))
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, running.cancel)
    try:
        await running
    except asyncio.CancelledError:
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(main())
