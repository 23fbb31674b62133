"""`python -m workers.recorder`."""

from common.process import main
from workers.recorder.worker import Recorder

if __name__ == "__main__":
    main(Recorder)
