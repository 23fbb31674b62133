"""Entry point of the recorder worker."""

from common.run.process import main
from workers.recorder.worker import Recorder

if __name__ == "__main__":
    main(Recorder)
