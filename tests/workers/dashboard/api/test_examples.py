"""The example programs and the snippets of the API's page, run against a real dashboard worker."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from common.api import PATH, keys
from common.api.rights import NEEDED
from common.api.schema import asyncapi, openapi
from common.errors import PartyError
from common.files.paths import CHECKOUT
from common.requests import SaveClip, SetMute, StartRecording, StopRecording
from tests.support.waiting import eventually
from tests.workers.dashboard.api.programs import EXAMPLES, NEW_NODE, RUN, Program, example, lacking, started
from tests.workers.dashboard.pages.javascript import STATIC, javascript
from tests.workers.dashboard.stage import Stage, member, staged

BO = member(1)
WS = CHECKOUT / "var/ws/package"


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with staged() as made:
        made.signed_in()
        made.furnish()
        made.party(3)
        yield made


@pytest.fixture(scope="module")
def run(stage: Stage) -> Callable[..., Any]:
    _, key = keys.make(stage.paths, "examples", "control")
    eventually(lambda: _is_taken_up(stage, key), "the key is taken up")
    return lambda command, folder=None: started(command, stage.origin, key, folder)


@pytest.fixture(params=RUN, ids=lambda suffix: suffix[1:])
def suffix(request: pytest.FixtureRequest) -> str:
    if missing := lacking(request.param):
        pytest.skip(f"this machine has no {missing}")
    return str(request.param)


def heard(stage: Stage, program: Program, *, speaking: bool, until: Callable[[], object]) -> None:
    """Let Bo speak, or be silent, again and again until the program has noticed: it may have to connect first."""
    speak = lambda: stage.speak(BO, speaking=speaking)  # noqa: E731
    eventually(lambda: (speak(), until())[1], lambda: f"it is noticed; it said: {program.output}", every_s=0.2)


def test_mute_by_name(stage: Stage, run: Callable[..., Any], suffix: str) -> None:
    stage.asked.clear()
    with run(example("mute-by-name", suffix, "bo-streams")) as program:
        assert (program.end_input(), program.output) == (0, "bo-streams is muted.\n")
    assert stage.asked == [SetMute(peer=BO.peer, muted=True)]
    with run(example("mute-by-name", suffix, "Nobody")) as program:
        assert program.end_input() == 1
        assert "Nobody is not here." in program.output


def test_who_speaks(stage: Stage, run: Callable[..., Any], suffix: str) -> None:
    with run(example("who-speaks", suffix)) as program:
        heard(stage, program, speaking=True, until=lambda: "Bo-Streams speaks\n" in program.output)
        heard(stage, program, speaking=False, until=lambda: "Bo-Streams is silent\n" in program.output)


def test_record_speech(stage: Stage, run: Callable[..., Any], suffix: str) -> None:
    stage.speak(BO, speaking=False)
    stage.asked.clear()
    with run(example("record-speech", suffix, "0.3")) as program:
        heard(stage, program, speaking=True, until=lambda: StartRecording() in stage.asked)
        assert StopRecording() not in stage.asked
        stage.speak(BO, speaking=False)
        eventually(lambda: StopRecording() in stage.asked, lambda: f"it ends; it said: {program.output}")
        assert stage.asked == [StartRecording(), StopRecording()]

        stage.asked.clear()
        stage.answers["StartRecording"] = _refuse
        heard(stage, program, speaking=True, until=lambda: "It records already." in program.output)
        stage.speak(BO, speaking=False)
        del stage.answers["StartRecording"]
        refused = len(stage.asked)
        heard(stage, program, speaking=True, until=lambda: len(stage.asked) > refused)
        assert StopRecording() not in stage.asked, "a recording of somebody else is not ended"
        stage.speak(BO, speaking=False)
        eventually(lambda: StopRecording() in stage.asked, lambda: f"its own ends; it said: {program.output}")


def _refuse(_: StartRecording) -> None:
    raise PartyError("It records already.", "Stop that recording first.")


def test_clip_on_word(stage: Stage, run: Callable[..., Any], suffix: str) -> None:
    stage.asked.clear()
    with run(example("clip-on-word", suffix, "wow")) as program:
        program.write("nothing of it\nthat was WOW!\n")
        eventually(lambda: "/recordings/1-clip" in program.output, lambda: f"it is saved: {program.output}")
        assert program.end_input() == 0
    assert stage.asked == [SaveClip()]


def test_show_levels(stage: Stage, run: Callable[..., Any], suffix: str) -> None:
    wanted = f"{BO.peer}: -14 dB" if suffix == ".sh" else "Bo-Streams █████████████"
    with run(example("show-levels", suffix)) as program:
        eventually(
            lambda: (stage.levels((BO,)), wanted in program.output)[1],
            lambda: f"levels are shown: {program.output}",
            every_s=0.2,
        )


@pytest.mark.skipif(not WS.exists() or not shutil.which("node"), reason="`make setup-test` found no npm")
def test_an_older_node_has_its_websocket_from_npm(stage: Stage, run: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / "ws").symlink_to(WS)
    source = (EXAMPLES / "javascript" / "who-speaks.mjs").read_text("utf-8")
    (tmp_path / "who-speaks.mjs").write_text(f"delete globalThis.WebSocket;\n{source}", encoding="utf-8")
    with run(["node", "who-speaks.mjs"], tmp_path) as program:
        heard(stage, program, speaking=True, until=lambda: "Bo-Streams speaks\n" in program.output)


def test_a_refusal_is_told_in_the_servers_words(stage: Stage) -> None:
    for suffix in (suffix for suffix in RUN if not lacking(suffix)):
        with started(example("mute-by-name", suffix, "x"), stage.origin, "wrong") as program:
            assert program.end_input() == 1
            assert "This key is not valid." in program.output, program.output


def test_the_page_shows_every_example() -> None:
    text = (STATIC / "api" / "programs.js").read_text("utf-8")
    listed = {
        f"{name}.{suffix}"
        for name, suffixes in re.findall(r'^  \["([\w-]+)", "[^"]+", \[(.*)\]\],$', text, re.MULTILINE)
        for suffix in re.findall(r'"(\w+)"', suffixes)
    }
    assert listed == {file.name for file in EXAMPLES.glob("*/*")}


# --- the snippets of the page ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def snippets() -> Callable[[str, str], dict[str, str]]:
    """Return a function of language and origin: request → the page's snippet."""
    documents = json.loads(msgspec.json.encode({"open": openapi(), "events": asyncapi()}))

    def made(language: str, origin: str) -> dict[str, str]:
        with javascript("api/contract.js", "api/snippets.js") as page:
            found: dict[str, str] = page(
                "Object.fromEntries(contract(open, events).operations.map((one) =>"
                " [one.id, language ? snippet(language, one, origin) : example(one)]))",
                **documents, language=language, origin=origin,
            )  # fmt: skip
        return found

    return made


def test_the_values_of_a_snippet_are_ones_that_the_request_takes(snippets: Callable[..., dict[str, Any]]) -> None:
    values = snippets("", "")
    for cls in NEEDED:
        msgspec.convert(values[cls.__name__], cls)
    assert set(values) == {cls.__name__ for cls in NEEDED} | {"Hello", "State"}


@pytest.mark.parametrize("language", ["shell", "Python", "JavaScript"])
def test_every_snippet_runs(stage: Stage, snippets: Callable[..., dict[str, str]], language: str) -> None:
    if language == "shell" and (missing := lacking(".sh")):
        pytest.skip(f"this machine has no {missing}")
    found = snippets(language, stage.origin)
    _, key = keys.make(stage.paths, language, "admin")
    eventually(lambda: _is_taken_up(stage, key), "the key is taken up")
    program, command = {
        "shell": ("set -e\n" + "\necho\n".join(found.values()), ["bash"]),
        "Python": ("\n".join(found.values()), [sys.executable, "-"]),
        "JavaScript": ("\n".join(f"{{\n{one}\n}}" for one in found.values()), [str(NEW_NODE), "--input-type=module"]),
    }[language]
    stage.asked.clear()
    with started(command, stage.origin, key) as running:
        running.write(program)
        assert running.end_input() == 0, running.output
    assert {type(asked) for asked in stage.asked} == set(NEEDED), running.output
    assert '"error"' not in running.output
    assert "'error'" not in running.output


def _is_taken_up(stage: Stage, key: str) -> bool:
    head = {"Authorization": f"Bearer {key}"}
    return httpx.get(stage.origin + PATH, headers=head, trust_env=False).is_success
