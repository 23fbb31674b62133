"""`python -m workers.auth` runs the worker; `python -m workers.auth sign-in --npsso-file FILE|-` signs in once."""

from __future__ import annotations

import sys

from common.worker import main
from workers.auth.worker import Auth

if __name__ == "__main__":
    if sys.argv[1:2] == ["sign-in"]:
        from workers.auth.once import main as sign_in_once

        sys.exit(sign_in_once(sys.argv[2:]))
    main(Auth)
