"""What an error of a call carries, and what it says where there is no way out."""

from __future__ import annotations

from common.psn import errors


def test_an_error_that_knows_nothing_more_says_so() -> None:
    error = errors.PsnError("It failed.")
    assert (error.status, error.sony_code, error.sony_message, error.details) == (0, 0, "", {})
    assert error.remedy == errors.PsnError.default_remedy


def test_an_error_keeps_what_sony_said() -> None:
    error = errors.RefusedError("No.", "Do that.", status=403, sony_code=7, sony_message="no", details={"a": 1})
    assert (error.status, error.sony_code, error.sony_message, error.details) == (403, 7, "no", {"a": 1})
    assert error.remedy == "Do that."


def test_a_limit_without_an_end_is_a_minute() -> None:
    assert errors.RateLimitedError("Slowly.").retry_after == 60.0
    assert errors.RateLimitedError("Slowly.", retry_after=5.0).retry_after == 5.0


def test_no_way_out_names_what_is_at_fault() -> None:
    assert errors.NoWayOutError("", "no certificates").message == "No connection can be made: no certificates."
    variable = errors.NoWayOutError("HTTPS_PROXY", "is no address")
    assert variable.message == "No connection can be made: $HTTPS_PROXY is no address."
    assert "environment variable HTTPS_PROXY" in variable.remedy
    assert "`env -u HTTPS_PROXY partyline up`" in variable.remedy
    other = errors.NoWayOutError("the system's proxy", "is no address")
    assert other.message == "No connection can be made: the system's proxy is no address."
    assert other.remedy == "Correct the system's proxy, after `partyline down`."


def test_a_simulator_that_does_not_run_says_why_if_it_is_known() -> None:
    assert errors.NoSimulatorError().message == "The simulator is not running (yet)."
    assert errors.NoSimulatorError("it ended").message == "The simulator is not running (yet): it ended."
