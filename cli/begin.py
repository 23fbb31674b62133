"""`partyline` without a word: the guide in the browser. The pipeline is started if need be."""

from __future__ import annotations

from cli.pipeline import up
from cli.shared import guide
from cli.shared import supervisor as supervisors
from cli.shared.connect import listens
from cli.shared.failures import OK
from cli.shared.terminal import echo
from common.config.settings import load
from common.files.paths import Paths


def begin() -> int:
    paths = Paths.of_environment()
    settings = load(paths)
    found = supervisors.find(paths)
    if (found is None and not listens(paths, "broker")) or (found and found.stopping()):
        echo("partyline is not running. It is started now, and runs until `partyline down`.")
        up.COMMANDS["up"].execute("up", ["--no-browser"])
        echo()
    paths.make()
    for line in guide.show(paths, settings.dashboard):
        echo(line)
    echo("`partyline --help` lists all commands.")
    return OK
