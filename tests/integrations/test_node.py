"""The tests of the integrations in JavaScript, by `node --test`. What failed stands in the assertion."""

from __future__ import annotations

import pytest

from tests.integrations.node import FOLDER, needs_node, run_node, workspaces


@needs_node
@pytest.mark.parametrize("name", workspaces())
def test_its_own_tests_pass(name: str) -> None:
    tests = sorted(str(file) for file in (FOLDER / name / "test").glob("**/*.test.js"))
    assert tests, f"integrations/{name} has no test/*.test.js"
    done = run_node("--test", "--test-reporter=spec", *tests, cwd=FOLDER / name)
    assert done.returncode == 0, done.stdout[-8000:]
