"""What may be asked of `partyline clip`, and what is asked of the recorder then."""

from __future__ import annotations

from typing import Any

import pytest

from cli.shared.failures import UsageError
from cli.sound import clip
from common.messages import ClipState
from common.requests import KeepClip, SaveClip, SavedClip


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    found: list[Any] = []
    saved = SavedClip(folder="/r/x-clip", seconds=30.0, talkers=2, size_bytes=4_000_000)

    def answer(request: Any, _wait_s: float) -> Any:
        found.append(request)
        return ClipState(seconds=request.seconds) if isinstance(request, KeepClip) else saved

    monkeypatch.setattr(clip, "ask_once", answer)
    monkeypatch.setattr(clip, "run", lambda answered: answered)
    return found


@pytest.mark.parametrize(
    ("words", "request_", "told"),
    [
        ([], SaveClip(seconds=0), "Saved 30 s of 2 talkers, 4.0 MB, in /r/x-clip."),
        (["45"], SaveClip(seconds=45), "Saved 30 s of 2 talkers"),
        (["--keep", "30"], KeepClip(seconds=30), "Tell everybody in the party."),
        (["--keep", "0"], KeepClip(seconds=0), "Nothing is kept in memory any more."),
    ],
)
def test_what_is_asked_and_told(
    asked: list[Any], capsys: pytest.CaptureFixture[str], words: list[str], request_: Any, told: str
) -> None:
    assert clip.COMMANDS["clip"].execute("clip", words) == 0
    assert asked == [request_]
    assert told in capsys.readouterr().out


@pytest.mark.parametrize("words", [["0"], ["301"], ["-5"], ["x"], ["--keep", "29"], ["--keep", "301"], ["--keep", "x"]])
def test_a_length_out_of_range_is_refused_before_anybody_is_asked(asked: list[Any], words: list[str]) -> None:
    with pytest.raises(UsageError):
        clip.COMMANDS["clip"].execute("clip", words)
    assert asked == []
