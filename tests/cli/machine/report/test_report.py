"""A report of a home with secrets and people in every place names none of them."""

from __future__ import annotations

import functools
import io
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from cli import __main__ as entry
from cli.machine.doctor.doctor import findings_of
from cli.machine.report import report
from cli.machine.report.bundle import ABOUT, Packed, content, pack
from cli.machine.report.contents import ReportPart
from cli.machine.report.scrub import ReportScrubber
from cli.machine.report.vocabulary import own_words
from cli.pipeline.status import as_data
from common.config.pages import draw_keys
from common.log import logs
from tests.captures.planted import SECRETS as SHAPES
from tests.cli.machine.doctor.faults.fault import IS_ROOT_ON_LINUX
from tests.cli.machine.doctor.stage import Stage, stage, with_table
from tests.cli.shared import bus_states

NAMES = ("Nebula_Otter88", "Quentina", "Zorbasaurus", "WalrusOfDoom", "Raid of Otters", "Fjordsinger")
IDS = ("7215533098121734", "3fd8c2aa-1b77-4c0e-9d52-0c3f7be1aa10", "81.2.69.142", "quentina@example-mail.net")
SECRETS = (
    "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJtYWRlIHVwIn0.c2lnbmF0dXJl",
    "b1946ac92492d2347c6235b4d2611184",
    "v3.Ab12Cd34Ef",
    "Pa55word-of-OBS-made-up",
)
NUMBERS = {"birth date", "credit card", "latitude", "2-step code"}
"""Kinds that a log is made of: dates and numbers of up to six digits."""
KINDS = {kind: value for kind, value in SHAPES.items() if kind not in NUMBERS}
NAME, PERSON, SPOKEN, PICTURE, PARTY, ROUTED = NAMES
ACCOUNT, SESSION, ADDRESS, MAIL = IDS
TOKEN, REFRESH, CODE, OBS_PASSWORD = SECRETS


def plant(here: Stage) -> dict[str, object]:
    """Put people and secrets into every place of a home. Return the settings that name some."""
    paths = here.paths
    tokens = {"place": "https://ca.account.sony.com", "tokens": {"access_token": TOKEN, "refresh_token": REFRESH}}
    (paths.secrets / "tokens-playstation.json").write_text(json.dumps(tokens))
    member = {"account_id": ACCOUNT, "online_id": NAME, "name": PERSON, "platform": "PS5"}
    (paths.state / "party.json").write_text(json.dumps({"session_id": SESSION, "name": PARTY, "members": [member]}))
    records = [
        {"event": "no connection", "peer": f"{ACCOUNT}@PS5", "error": f"{NAME} at {ADDRESS}:9308 and {MAIL}"},
        {"event": "request failed", "error": f"Bearer {TOKEN} code={CODE} refresh_token={REFRESH}"},
        {"event": "problem", "message": f"{SPOKEN} is not heard. {PERSON.upper()} is.", "folder": str(paths.home)},
    ]
    for kind, value in KINDS.items():
        records += [{"event": f"given here: {value} ", "worker": "media"}, {"event": "planted", kind: {value: value}}]
    (paths.log / "signaling.log").write_text("".join(f"given here {value}, no JSON\n" for value in KINDS.values()))
    (paths.log / "media.log").write_text("".join(json.dumps(record) + "\n" for record in records))
    (paths.log / "cli-crash.log").write_text(f"Traceback of {here.folder}: {SPOKEN!r} {SESSION} {OBS_PASSWORD}\n")
    call = {"at": 1.0, "method": "GET", "host": "mobile", "path": "/x", "message": f"{NAME} refused", "status": 403}
    paths.trace_file.write_text(json.dumps({**call, "sent": {"to": [{"accountId": ACCOUNT}]}}) + "\n")
    paths.avatars.mkdir()
    (paths.avatars / f"{PICTURE}.png").write_bytes(b"")
    run = paths.home / "probe-2026-11-01-000000"
    run.mkdir()
    (run / "probe.md").write_text(f"A run with {PICTURE}.\n")
    audio = with_table("audio", routes={ROUTED: 3}, device="Quentina's headphones")
    obs = msgspec.structs.replace(audio.obs, password=OBS_PASSWORD)
    return {"settings": msgspec.structs.replace(audio, obs=obs), "offline": True}


def files_of(archive: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(archive)) as packed:
        return {name: packed.read(name).decode() for name in packed.namelist()}


@dataclass
class Made:
    files: dict[str, str]
    packed: list[Packed]
    planted: tuple[str, ...]


@pytest.fixture(scope="module")
def made() -> Iterator[Made]:
    """A report of a home with everything planted, whose doctor looks at what names people or places."""
    before = set(logs._known)
    with stage() as here:
        around = here.around(**plant(here))
        here.stack.callback(shutil.rmtree, here.paths.log)  # secrets were planted in it
        keys = draw_keys(here.paths)
        few = functools.partial(findings_of, only=("home", "recordings", "settings", "chosen-device", "others"))
        here.patch("cli.machine.report.contents.findings_of", few)
        archive, packed = report.made(around)
        yield Made(files_of(archive), packed, (keys.full, keys.read, str(here.folder)))
    logs._known.intersection_update(before)


def test_nothing_of_anybody_is_in_a_report(made: Made) -> None:
    files = made.files
    assert {"doctor.json", "status.json", "versions.json", "settings.json", "trace.json", ABOUT} <= set(files)
    assert {"log/media.log", "log/cli-crash.log", "probe.md"} <= set(files)
    assert [one.name for one in made.packed if not one.size] == []
    whole = "\n".join([*files, *files.values()]).casefold()
    planted = [*NAMES, *IDS, *SECRETS, *made.planted]
    assert [one for one in planted if one.casefold() in whole] == []


@pytest.mark.parametrize("kind", KINDS)
def test_no_kind_of_personal_value_is_in_a_report(made: Made, kind: str) -> None:
    whole = "\n".join(made.files.values()).casefold()
    assert "given here" in whole, "the lines in which they were are there"
    assert KINDS[kind].casefold() not in whole


def test_what_a_reader_needs_is_in_it(made: Made) -> None:
    files = made.files
    first, second, *_ = map(json.loads, files["log/media.log"].splitlines())
    assert first["event"] == "no connection"
    assert first["error"].startswith("member-1 at ")
    assert first["peer"].startswith("member-1")
    assert "Bearer [hidden]" in second["error"]
    assert json.loads(files["settings.json"])["obs"] == {"password": "[hidden]"}
    assert json.loads(files["doctor.json"])["format"] == 1
    assert "not running" in json.loads(files["status.json"])["missing"]
    assert json.loads(files["versions.json"])["packages"]["aiortc"].count(".") == 2


def test_a_part_in_which_a_name_is_left_is_not_packed() -> None:
    class Careless(ReportScrubber):
        def text(self, text: str) -> str:
            return text

    scrubber = Careless(())
    scrubber.learn_name(NAME, "member-1")
    archive, packed = pack([ReportPart("log/x.log", "a log", text=f"by {NAME}\n")], scrubber)
    assert set(files_of(archive)) == {ABOUT}
    assert packed[0].what.startswith("left out")


def test_a_running_party_has_pseudonyms_only() -> None:
    state = as_data(bus_states.full(), bus_states.NOW, 0.0)
    data = msgspec.to_builtins(state)
    scrubber = ReportScrubber(own_words())
    scrubber.learn(data)
    text = content(ReportPart("status.json", "", data=data), scrubber)
    found = json.loads(text)
    assert [
        one for one in ("Ava-Demo", "Bo-Streams", "Cleo_99", "Friday raid") if one.casefold() in text.casefold()
    ] == []
    (bo,) = [one["online_id"] for one in found["party"]["members"] if one["platform"] == "PS5"]
    assert bo.startswith("member-")
    assert bo in {one["online_id"] for one in found["peers"]}, "the same one everywhere"
    assert {one["worker"] for one in found["workers"]} == {one["worker"] for one in data["workers"]}


def test_a_home_that_cannot_be_used_is_reported() -> None:
    with stage() as here:
        shutil.rmtree(here.home)
        here.home.write_text("a file, where a folder should be")
        here.patch("cli.machine.report.contents.findings_of", functools.partial(findings_of, only=("home",)))
        archive, _ = report.made(here.around())
    (found,) = json.loads(files_of(archive)["doctor.json"])["findings"]
    assert (found["id"], found["severity"]) == ("home", "error")


def test_the_command_says_what_is_in_it_and_where_to_send_it(capsys, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(report, "parts", lambda _: [ReportPart("doctor.json", "what was found", data={"findings": []})])
    monkeypatch.setenv("PARTYLINE_HOME", str(tmp_path / "home"))
    assert entry.main(["report", "--offline", "--out", str(tmp_path)]) == 0
    (file,) = tmp_path.glob("partyline-report-*.zip")
    assert file.stat().st_mode & 0o077 == 0
    said = capsys.readouterr().out
    assert str(file) in said
    assert "doctor.json" in said
    assert "attach it to an issue" in said


@pytest.mark.skipif(not IS_ROOT_ON_LINUX, reason="needs mounts: root on Linux")
def test_a_full_disk_is_told(tmp_path: Path) -> None:
    write = (
        "from pathlib import Path; from cli.machine.report.report import write; write(Path('out.zip'), b'0' * 99999)"
    )
    script = f'mount -t tmpfs -o size=4k tmpfs {tmp_path}; cd {tmp_path}; {sys.executable} -c "{write}" || ls'
    done = subprocess.run(["unshare", "-m", "sh", "-c", script], capture_output=True, text=True, check=False)
    assert "CommandError: The report cannot be written to out.zip: No space left on device" in done.stderr
    assert done.stdout == "", "nothing is left of it"
