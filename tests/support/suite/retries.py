"""Second tries of tests that judge sound: only for a stall that was measured meanwhile, counted, and few in a run."""

from __future__ import annotations

import pytest

TRIES = 3
"""Of one test, the first included."""
IN_A_RUN = 2
"""More second tries than this fail the run: then the machine, or the product, is not fit for it."""
PROPERTY = "tried again"


class Retries:
    """A plugin of pytest's main process: counts second tries, prints them, and fails a run that has too many."""

    def __init__(self) -> None:
        self.found: list[str] = []
        """The test of each second try."""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or report.outcome == "rerun":  # type: ignore[comparison-overlap]  # pytest-rerunfailures
            self.found += [report.nodeid] * (report.outcome == "rerun")  # type: ignore[comparison-overlap]
            self.found += [report.nodeid] * sum(name == PROPERTY for name, _ in report.user_properties)

    @property
    def too_many(self) -> bool:
        return len(self.found) > IN_A_RUN

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.too_many and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if not self.found:
            return
        terminalreporter.section(f"tried again because this machine stood still: {len(self.found)}")
        for test in self.found:
            terminalreporter.write_line(test)
        if self.too_many:
            terminalreporter.write_line(f"More than {IN_A_RUN}: this run has failed.", red=True)
