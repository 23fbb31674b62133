from __future__ import annotations

import textwrap

import pytest

pytest_plugins = ["pytester"]

CONFTEST = """
    import pytest
    from tests.support.suite.retries import PROPERTY, Retries

    def pytest_configure(config):
        config.pluginmanager.register(Retries())

    @pytest.fixture
    def again(request):
        return lambda: request.node.user_properties.append((PROPERTY, True))
"""


@pytest.mark.parametrize(("times", "code"), [(0, 0), (2, 0), (3, 1)])
def test_second_tries_are_printed_and_more_than_two_fail_the_run(
    pytester: pytest.Pytester, times: int, code: int
) -> None:
    pytester.makeconftest(textwrap.dedent(CONFTEST))
    pytester.makepyfile(
        "\n".join(f"def test_{number}(again):\n    again()" for number in range(times)) or "def test(): ..."
    )
    result = pytester.runpytest_inprocess("-p", "no:randomly", "-q")
    assert result.ret == code
    text = result.stdout.str()
    assert (f"because this machine stood still: {times}" in text) == (times > 0)
    assert ("this run has failed" in text) == (code == 1)


def test_a_rerun_by_the_plugin_counts_too(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(textwrap.dedent(CONFTEST))
    pytester.makepyfile(
        """
        import pytest
        seen = []

        @pytest.mark.flaky(reruns=5)
        def test_late():
            seen.append(1)
            assert len(seen) > 3
        """
    )
    result = pytester.runpytest_inprocess("-q")
    assert result.ret == 1
    assert "because this machine stood still: 3" in result.stdout.str()
