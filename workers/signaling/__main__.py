from __future__ import annotations

from common.worker import main
from workers.signaling.worker import Signaling

if __name__ == "__main__":
    main(Signaling)
