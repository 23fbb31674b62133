from __future__ import annotations

from common.process import main
from workers.signaling.worker import Signaling

if __name__ == "__main__":
    main(Signaling)
