"""Entry point of the dashboard worker."""

from common.run.process import main
from workers.dashboard.worker import Dashboard

if __name__ == "__main__":
    main(Dashboard)
