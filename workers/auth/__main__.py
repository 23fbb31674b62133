"""Entry point of the auth worker. With `sign-in`, `sign-out` or `whoami` it does that once and exits."""

from __future__ import annotations

import sys

from common.run.process import main
from workers.auth.worker import Auth

if __name__ == "__main__":
    if sys.argv[1:]:
        from workers.auth.one_shot import main as one_shot

        sys.exit(one_shot(sys.argv[1:]))
    main(Auth)
