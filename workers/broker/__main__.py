"""Entry point of the broker."""

from common.run.process import main
from workers.broker.worker import Broker

if __name__ == "__main__":
    main(Broker)
