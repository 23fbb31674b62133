from __future__ import annotations

import pytest


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give a case for each request that the module's workers answer, in the order of the contracts."""
    if hasattr(metafunc.module, "ANSWERED") and "cls" in metafunc.fixturenames:
        metafunc.parametrize("cls", metafunc.module.ANSWERED, ids=lambda cls: cls.__name__)
