"""Webhooks as their user runs them: a real dashboard worker, and the receiver of the notes, which checks signatures."""

from __future__ import annotations

import asyncio
import contextlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.__main__ import main
from common.config.integration_tables import SPEECH_EVENTS, Webhook, WebhooksSettings
from common.config.pages import load_keys
from common.config.tables import Settings
from common.errors import PartylineError
from common.files.paths import CHECKOUT, Paths
from common.messages import Recording
from integrations.catalogue import Around
from integrations.client.access import ApiAccess
from integrations.webhooks import notifier
from integrations.webhooks.run import check, run
from tests.support.processes import free_port
from tests.support.waiting import eventually, until
from tests.workers.dashboard.stage import Stage, member, staged

NOTES = (CHECKOUT / "notes/integrations/webhooks.md").read_text("utf-8")
SECRET = re.search(r'secret = "(whsec_\S+)"', NOTES)[1]
BO, CY = member(1), member(2)


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with staged() as stage:
        stage.furnish()
        stage.party(1)
        yield stage


class Receiver:
    """The program of the notes, with its output in a file."""

    def __init__(self, folder: Path) -> None:
        program = folder / "receiver.py"
        program.write_text(re.search(r"```python\n(.*?)```", NOTES, re.DOTALL)[1], "utf-8")
        self.url = f"http://127.0.0.1:{(port := free_port())}/in"
        self._said = folder / "said"
        with self._said.open("wb") as out:
            self.process = subprocess.Popen([sys.executable, program, SECRET, str(port)], stdout=out, stderr=out)
        probe = Webhook(url=self.url, secret=SECRET)

        def takes() -> bool:
            assert self.process.poll() is None, self.said
            return asyncio.run(check(around_of(probe)))[0].works

        eventually(takes, "the receiver listens")

    @property
    def said(self) -> str:
        return self._said.read_text("utf-8")

    def kinds(self) -> list[str]:
        return [line.split(" ", 1)[0] for line in self.said.splitlines() if not line.startswith("test ")]


@pytest.fixture(scope="module")
def receiver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    receiver = Receiver(tmp_path_factory.mktemp("receiver"))
    yield receiver
    receiver.process.kill()
    receiver.process.wait()


def around_of(*hooks: Webhook, stage: Stage | None = None) -> Around:
    named = {f"hook-{number}": hook for number, hook in enumerate(hooks)}
    return Around(
        find=lambda: ApiAccess(stage.origin, load_keys(stage.paths).full),
        settings=Settings(webhooks=WebhooksSettings(hooks=named, speech_hold_s=0.1)),
        paths=Paths(Path("/nowhere")),
    )


async def test_what_happens_in_a_party_comes_to_the_receiver_of_the_notes(
    stage: Stage, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifier, "SETTLE_S", 0.3)
    hook = Webhook(url=receiver.url, secret=SECRET)
    speech = Webhook(url=receiver.url, secret=SECRET, events=SPEECH_EVENTS, members=(BO.online_id,))
    running = asyncio.create_task(run(around_of(hook, speech, stage=stage)))
    try:
        await until(lambda: _told(stage, receiver, BO), "speech is told", every_s=0.2)
        stage.party(2)
        await until(lambda: "member.joined" in receiver.kinds(), "who joins is told")
        stage.speak(CY)
        stage.publish("recorder", Recording(state="recording", folder="/home/ann/recordings/1"))
        await until(lambda: "recording.started" in receiver.kinds(), "the recording is told")
        stage.problem()
        await until(lambda: "problem.opened" in receiver.kinds(), "the problem is told")
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
    assert CY.online_id in receiver.said, "he joined"
    assert not [line for line in receiver.said.splitlines() if line.startswith("speech") and CY.online_id in line]
    assert "ann" not in receiver.said


def _told(stage: Stage, receiver: Receiver, who: object) -> bool:
    """Have somebody speak until it is told, for nothing is before the first connection."""
    stage.speak(who, speaking=False)
    stage.speak(who)
    return "speech.started" in receiver.kinds()


async def test_a_check_tells_of_each_webhook(receiver: Receiver) -> None:
    well = Webhook(url=receiver.url, secret=SECRET)
    forged = Webhook(url=receiver.url, secret="whsec_" + "A" * 32)
    away = Webhook(url=f"http://127.0.0.1:{free_port()}/planted-token")
    found = await check(around_of(well, forged, away))
    assert [one.works for one in found] == [True, False, False]
    assert "401" in found[1].words
    assert "planted" not in repr(found)
    (only,) = await check(around_of(well, forged, away), "hook-1")
    assert only.name == "hook-1"
    with pytest.raises(PartylineError, match="no webhook 'nix'"):
        await check(around_of(well), "nix")
    with pytest.raises(PartylineError, match="No webhook is set up"):
        await run(around_of())


def test_the_command_checks_and_its_exit_code_tells(
    receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setenv("PARTYLINE_HOME", str(tmp_path))
    (tmp_path / "partyline.toml").write_text(
        f'[webhooks.hooks.well]\nurl = "{receiver.url}"\nsecret = "{SECRET}"\n'
        f'[webhooks.hooks.away]\nurl = "http://127.0.0.1:{free_port()}"\n'
    )
    assert main(["integration", "webhooks", "--check", "well"]) == 0
    assert "works  well: The receiver took a test event" in capsys.readouterr().out
    assert main(["integration", "webhooks", "--check"]) == 1
    out = capsys.readouterr().out
    assert "FAILS  away: The receiver is not reached" in out
    assert main(["integration", "--check"]) == 2
