from __future__ import annotations

from common.run.process import main
from workers.signaling.worker import Signaling

if __name__ == "__main__":
    main(Signaling)
