"""Entry point of the session worker. With `leave` it once leaves the party that a killed worker is still in."""

from __future__ import annotations

import sys

if __name__ == "__main__":
    if sys.argv[1:] == ["leave"]:
        from workers.session.leave.leave_command import main as leave

        sys.exit(leave())
    from common.run.process import main
    from workers.session.worker import Session

    main(Session)
