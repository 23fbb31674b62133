"""The audio worker that lets its device rest after a second: `python -m tests.workers.audio.heard.hasty_worker`."""

from __future__ import annotations

from common.run.process import main
from workers.audio.play import device_need
from workers.audio.worker import Audio

RESTS_S = 1.0

if __name__ == "__main__":
    device_need.TRIED_S = device_need.REST_AFTER_S = RESTS_S
    main(Audio)
