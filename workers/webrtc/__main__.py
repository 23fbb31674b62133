"""Entry point of the webrtc worker. While the dashboard is open to this machine only, it ends with 0.

A browser on this machine plays `/sound`, which needs no WebRTC there.
"""

import sys

from common.config.settings import is_loopback, load
from common.errors import PartylineError
from common.files.paths import Paths
from common.run.process import main


def is_wanted() -> bool:
    """Return whether another machine can come. Settings that cannot be read are told by the worker."""
    try:
        return not is_loopback(load(Paths.of_environment()).dashboard.listen)
    except PartylineError:
        return True


if __name__ == "__main__":
    if not is_wanted():
        sys.exit(0)
    from workers.webrtc.worker import WebRtcWorker

    main(WebRtcWorker)
