"""Entry point of the obs worker."""

from common.run.process import main
from workers.obs.worker import ObsWorker

if __name__ == "__main__":
    main(ObsWorker)
