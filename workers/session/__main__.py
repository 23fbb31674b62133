from __future__ import annotations

from common.process import main
from workers.session.worker import Session

if __name__ == "__main__":
    main(Session)
