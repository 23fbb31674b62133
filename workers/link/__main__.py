"""Entry point of the link worker. Without a split, or on the spare machine, it ends with 0."""

import sys

from common.config.settings import load
from common.errors import PartylineError
from common.files.paths import Paths
from common.run.process import main


def is_wanted() -> bool:
    """Return whether this machine is the desk of a split. Settings that cannot be used are told by the worker."""
    try:
        division = load(Paths.of_environment()).split.division()
    except PartylineError:
        return True
    return division is not None and division.at_desk


if __name__ == "__main__":
    if not is_wanted():
        sys.exit(0)
    from workers.link.worker import LinkWorker

    main(LinkWorker)
