"""Entry point of the gate worker. Without a paired machine it ends with 0, and no port is open."""

import sys

from common.bus.peers import keyring
from common.errors import PartylineError
from common.files.paths import Paths
from common.run.process import main


def is_wanted() -> bool:
    """Return whether a machine may come in. A keyring that cannot be used is told by the worker."""
    try:
        found = keyring.load(Paths.of_environment())
    except PartylineError:
        return True
    return found is not None and bool(found.guests)


if __name__ == "__main__":
    if not is_wanted():
        sys.exit(0)
    from workers.gate.worker import GateWorker

    main(GateWorker)
