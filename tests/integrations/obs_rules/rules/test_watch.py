"""The rule file on disk: where it is, what is told when it is not there, and that a change of it is heeded."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import msgspec
import pytest
import structlog

from common.config.tables import Settings
from common.files.paths import Paths
from integrations.obs_rules.rules import watch
from integrations.obs_rules.rules.model import RuleSet
from integrations.obs_rules.rules.rule_file import RuleFileError
from tests.support.waiting import until

RULE = '[[rule]]\nwho = "Bo"\nscene = "S"\n'


def test_it_is_beside_the_settings_unless_they_say_otherwise(tmp_path: Path) -> None:
    def place(file: str) -> Path:
        settings = Settings()
        rules = msgspec.structs.replace(settings.obs_rules, file=file)
        return watch.place(msgspec.structs.replace(settings, obs_rules=rules), Paths(tmp_path))

    assert place("") == tmp_path / "obs-rules.toml"
    assert place("mine/r.toml") == tmp_path / "mine" / "r.toml"
    assert place("/elsewhere/r.toml") == Path("/elsewhere/r.toml")
    assert place("~/r.toml") == Path.home() / "r.toml"


def test_a_file_that_is_not_there_or_no_text_is_told(tmp_path: Path) -> None:
    with pytest.raises(RuleFileError, match="no rule file") as missing:
        watch.load(tmp_path / "no.toml")
    assert "--example" in missing.value.remedy
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(RuleFileError, match="cannot be read"):
        watch.load(tmp_path / "bytes.toml")


async def test_a_change_is_heeded_and_a_wrong_one_told(tmp_path: Path) -> None:
    file = tmp_path / "r.toml"
    file.write_text(RULE)
    used: list[RuleSet] = []
    watching = asyncio.create_task(watch.watch(file, used.append, poll_s=0.01))
    try:
        with structlog.testing.capture_logs() as logs:
            await asyncio.sleep(0)
            file.write_text(RULE + RULE)
            await until(lambda: used, "it is read again")
            file.write_text("[[rule]]\nwho = 0\n")
            await until(lambda: [one for one in logs if one["log_level"] == "warning"], "the fault is told")
            file.unlink()
            await until(lambda: len(logs) >= 3, "that it is gone is told")
            file.write_text(RULE)
            await until(lambda: len(used) == 2, "it is read when it is back")
    finally:
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching
    assert [len(one.rule) for one in used] == [2, 1]
    (fault,) = [one for one in logs if "line 2" in one.get("error", "")]
    assert fault["event"] == "the rules stay as they were"
