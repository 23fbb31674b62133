from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.workers.dashboard.api.contract.keyring import Keyring
from tests.workers.dashboard.stage import Stage, staged


@pytest.fixture(scope="package")
def stage() -> Iterator[Stage]:
    """One running dashboard for all of them."""
    with staged(PARTYLINE_API__ORIGINS='["http://localhost:3000"]') as stage:
        stage.signed_in()
        stage.furnish()
        stage.party(3)
        yield stage


@pytest.fixture(scope="package")
def ring(stage: Stage) -> Keyring:
    return Keyring(stage, admin=40)
