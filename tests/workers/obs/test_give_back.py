"""What is done after the obs worker's end."""

from __future__ import annotations

import io
from pathlib import Path
from types import SimpleNamespace

import pytest

from common.files.paths import Paths
from common.run.process import only_one
from workers.obs import give_back
from workers.obs.game_guard import DONE, GameGuard


class Tries:
    """Stands in for OBS, which is reached at the `after`th try, and for the time."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, home: Path, after: int) -> None:
        self.made = 0
        self.after = after
        self.now = 0.0
        monkeypatch.setenv("PARTYLINE_HOME", str(home))
        Paths(home).make()
        monkeypatch.setattr(give_back, "_has_given_back", self.reach)
        monkeypatch.setattr(give_back, "time", SimpleNamespace(monotonic=lambda: self.now, sleep=self.pass_))

    def reach(self) -> bool:
        self.made += 1
        return self.made >= self.after

    def pass_(self, seconds: float) -> None:
        self.now += seconds


@pytest.mark.parametrize(("after", "made", "seconds"), [(1, 1, 5), (3, 3, 15), (99, give_back.TRIES, 60)])
def test_obs_is_asked_for_a_minute_once_nobody_has_started_the_worker_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, after: int, made: int, seconds: int
) -> None:
    tries = Tries(monkeypatch, tmp_path, after)
    give_back.after_a_kill()
    assert tries.made == made
    assert tries.now == pytest.approx(seconds, abs=0.5)


def test_a_worker_that_runs_again_has_the_game_in_its_care(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    tries = Tries(monkeypatch, tmp_path, 1)
    with only_one(Paths(tmp_path).run, "obs") as alone:
        assert alone
        give_back.after_a_kill()
    assert tries.made == 0


def test_an_end_in_order_leaves_nothing_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(give_back, "after_a_kill", pytest.fail)
    monkeypatch.setattr(give_back, "sys", SimpleNamespace(stdin=SimpleNamespace(buffer=io.BytesIO(DONE))))
    give_back.main()


def test_a_process_that_cannot_be_started_is_a_warning_and_the_game_is_lowered_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuses(*_: object, **__: object) -> None:
        raise OSError(12, "Cannot allocate memory")

    said: list[str] = []
    monkeypatch.setattr("workers.obs.game_guard.subprocess.Popen", refuses)
    guard = GameGuard(lambda message, **_: said.append(message))
    guard.watch()
    guard.release()
    assert said == ["nothing watches over the game's volume"]
