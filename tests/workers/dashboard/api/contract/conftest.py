from __future__ import annotations

from collections.abc import Iterator

import pytest

from common.errors import PartyError
from common.requests import ListeningOpened, OpenListening
from tests.workers.dashboard.api.contract.keyring import Keyring
from tests.workers.dashboard.stage import Stage, staged


@pytest.fixture(scope="package")
def stage() -> Iterator[Stage]:
    """One running dashboard for all of them."""
    with staged(PARTYLINE_API__ORIGINS='["http://localhost:3000"]') as stage:
        stage.signed_in()
        stage.furnish()
        stage.party(3)
        stage.answers["OpenListening"] = _opened
        yield stage


def _opened(request: OpenListening) -> ListeningOpened:
    """Answer as the webrtc worker does, to whom every text that begins like SDP is an offer here."""
    if not request.offer.startswith("v=0"):
        raise PartyError("This is no offer.", "Offer to receive one audio track.", code="webrtc.bad-offer")
    return ListeningOpened(listening_id="made-up-listener", answer="v=0")


@pytest.fixture(scope="package")
def ring(stage: Stage) -> Keyring:
    return Keyring(stage, admin=40)
