from __future__ import annotations

import pytest

from cli.machine.doctor.judge.obs import LoweredGame, game


@pytest.mark.parametrize(
    ("found", "severity", "says"),
    [
        (LoweredGame(), "ok", "lowers nothing"),
        (LoweredGame(is_ours=True), "ok", "Nothing is lowered"),
        (LoweredGame(is_ours=True, in_care=True, lowered={"Game": -12.0}), "ok", "in its care"),
        (LoweredGame(is_ours=True, lowered={"Game": -12.0}), "warning", "“Game” is still 12 dB lower"),
        (LoweredGame(is_ours=True, fault="OBS does not answer."), "cannot tell", "OBS does not answer."),
    ],
)
def test_a_game_that_stays_lowered_is_told(found: LoweredGame, severity: str, says: str) -> None:
    verdict = game(found)
    assert verdict.severity == severity
    assert says in verdict.sentence
