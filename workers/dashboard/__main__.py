"""`python -m workers.dashboard`."""

from common.process import main
from workers.dashboard.worker import Dashboard

if __name__ == "__main__":
    main(Dashboard)
