from __future__ import annotations

import pytest

from cli.pipeline import up
from common.config.tables import PsnSettings, Settings


@pytest.mark.parametrize(
    ("realm", "asked", "told"),
    [("playstation", "192.168.1.1", True), ("playstation", "", False), ("simulator", "192.168.1.1", False)],
)
def test_the_question_about_the_local_network_is_announced_where_it_may_come(
    realm: str, asked: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *, told: bool
) -> None:
    monkeypatch.setattr(up.local_network, "ask", lambda: asked)
    up._ask_for_local_network(Settings(psn=PsnSettings(realm=realm)))  # type: ignore[arg-type]
    assert ("Allow it" in capsys.readouterr().out) is told
