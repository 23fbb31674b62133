"""The party's commands against the real session worker and the simulator."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli import __main__ as entry
from tests.session.realm import realm


async def test_making_a_party_and_changing_it_reads_as_one_would_say_it(home: Path) -> None:
    async with realm(home) as there:
        await there.person()
        code, out, err = await there.cli("rename", "x")
        assert (code, out) == (1, "")
        assert err.startswith("There is no party.\n")
        code, out, err = await there.cli("create", "--name", "Friday raid")
        assert (code, err) == (0, "")
        assert out.startswith("In the new party “Friday raid”; only invited people may join.\n")
        code, out, err = await there.cli("create", "--open", "--json")
        session_id = json.loads(out)["session_id"]
        assert (await there.cli("join", session_id))[1].startswith("Already in the party with nobody else yet.")
        assert (await there.cli("rename", "Saturday"))[1] == "The party is called 'Saturday' now.\n"
        assert (await there.cli("visibility", "invite-only"))[1] == "Only invited people may join the party now.\n"
        assert (await there.cli("visibility", "open"))[1] == "Friends of its members may join the party now.\n"
        assert (await there.cli("invite", "bo-streams"))[1] == "Invited Bo-Streams.\n"
        code, out, err = await there.cli("invite", "Nobody_1")
        assert (code, out) == (1, "")
        assert err.splitlines()[1] == "Check the spelling."


@pytest.mark.parametrize("words", ["create --open --invite-only", "visibility half", "rename", "invite"])
def test_what_is_not_understood_exits_with_2(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert entry.main(words.split()) == 2
    assert len(capsys.readouterr().err.splitlines()) == 2


@pytest.mark.parametrize("words", ["create", "rename x", "visibility open", "invite Bo"])
def test_without_a_pipeline_it_says_how_to_start_one(
    words: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARTYLINE_HOME", str(tmp_path))
    monkeypatch.setenv("PARTYLINE_CONF", str(tmp_path / "none.conf"))
    assert entry.main(words.split()) == 3
    assert capsys.readouterr().err.endswith("Start it with `partyline up`.\n")
