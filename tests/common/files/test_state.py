"""Every file that is read back, with any bytes in it."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.api import key_uses
from common.config import pages
from common.config.settings import load as load_settings
from common.errors import PartylineError
from common.files import state
from common.files.paths import CHECKOUT, Paths, write_atomically
from common.files.state import SET_ASIDE, Placed, StateFile
from common.files.unsaved import UNSAVED, Unsaved
from common.obs.memory import ObsMemoryFile
from common.psn.http import endpoints, trace
from common.psn.http.pace import CallRate
from common.psn.http.shared import SharedPace
from common.run.lives import LivesFile
from integrations.obs_rules.studio.found import FoundFile
from workers.audio import memory as audio_memory
from workers.audio.play.outputs import choices as audio_outputs
from workers.audio.sinks.file import FileSink
from workers.auth.stored.device_id import duid
from workers.auth.stored.store import Store
from workers.media.memory import MemoryFile as FormsFile
from workers.recorder import memory as recorder_memory
from workers.recorder.clip import clip_choice
from workers.recorder.repair import repair
from workers.session.automatic.followed import FollowedFile
from workers.session.invitations import ReceivedInvitations
from workers.session.leave.pending_leaves import PendingLeaves
from workers.session.memory import PartyMemoryFile
from workers.signaling.memory import SignalingMemoryFile as LinkFile
from workers.signaling.transports.bridge.memory import OwnBridgeFile
from workers.webrtc.memory import KnownListeners

HERE: Any = None


async def _tokens(home: Paths) -> None:
    await Store(home, "playstation", "place", "file").load()


def _sink(home: Paths) -> None:
    mix = home.home / "party.wav"
    mix.write_bytes(b"RIFF")
    sink = FileSink(mix, home.state / "audio-file.json")
    sink.open()
    sink.close()


def _or_a_sentence(job: Callable[[], object]) -> None:
    """Do it; a `PartylineError` with a remedy is an answer too."""
    with contextlib.suppress(PartylineError):
        job()


def _keys(home: Paths) -> None:
    _or_a_sentence(lambda: pages.load_keys(home))


READERS: dict[str, Callable[[Paths], Any]] = {
    "state/session.json": lambda home: PartyMemoryFile(home.state / "session.json", "here"),
    "state/leaves.json": lambda home: PendingLeaves(home.state / "leaves.json", "here", HERE, HERE),
    "state/invitations.json": lambda home: ReceivedInvitations(home.state / "invitations.json", "here", lambda _: None),
    "state/follow.json": lambda home: FollowedFile(home.state / "follow.json", "here"),
    "state/signaling.json": lambda home: LinkFile(home.state / "signaling.json", "here"),
    "state/bridge.json": lambda home: OwnBridgeFile(home.state / "bridge.json", "here"),
    "state/unknowns.json": lambda home: FormsFile(home.state / "unknowns.json", "here"),
    "state/listeners.json": lambda home: StateFile(home.state / "listeners.json", KnownListeners, "here", "browsers"),
    "state/audio.json": lambda home: audio_memory.load(home.state / "audio.json"),
    "state/audio-outputs.json": lambda home: audio_outputs.load(home.state / "audio-outputs.json", {}),
    "state/audio-file.json": _sink,
    "state/recorder.json": lambda home: recorder_memory.load(home.state / "recorder.json"),
    "state/clip.json": lambda home: clip_choice.load(home.state / "clip.json", 0),
    "state/duid": lambda home: duid(home.state / "duid"),
    "state/obs.json": lambda home: ObsMemoryFile(home.state / "obs.json").now,
    "state/obs_rules.json": lambda home: FoundFile(home.state / "obs_rules.json").of("Untitled"),
    "secrets/tokens-playstation.json": _tokens,
    "secrets/dashboard.json": _keys,
    "state/api-key-uses.json": key_uses.load,
    "run/media.lives": lambda home: LivesFile(home.run, "media").begin(),
    "run/pace-x.json": lambda home: SharedPace(home.run / "pace-x.json", CallRate(1.0, 5)).enter(
        "p", "web", urgent=False
    ),
    "run/simulator.json": lambda home: _or_a_sentence(lambda: endpoints._read(home.run / "simulator.json")),
    "log/trace.jsonl": lambda home: list(trace.read(home.log / "trace.jsonl")),
    "partyline.toml": lambda home: _or_a_sentence(lambda: load_settings(home, {})),
    "recording/session.json": lambda home: _or_a_sentence(lambda: repair(home.home / "recording")),
}
"""What reads each file. A new one belongs here: `test_whoever_reads_a_file_is_known` finds it."""

KINDS: list[bytes] = [
    b"",
    b"\x00" * 64,
    b"\xff\xfe{",
    b"null",
    b"[]",
    b"7",
    b'"text"',
    b"{",
    b"{}",
    b"[" * 200_000,
    b'{"place":"here","name":"\xe9"}',
    b'{"place":"here","folder":"\xff","talkers":{"1":{"gain_db":1e400}}}',
    b'{"place": "here", "of a newer version": {"deep": [1, 2, 3]}}',
    b'{"seconds": 1e18, "started_at": 1e18, "talkers": [{"account_id": "1", "file": "../x.flac"}]}',
    b'{"short": 99999999999999999999999, "began_s": -1e300}',
]


async def _read(name: str, content: bytes) -> list[tuple[Path, str]]:
    with tempfile.TemporaryDirectory() as folder:
        home = Paths(Path(folder))
        home.make()
        file = home.home / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(content)
        SET_ASIDE.take()
        for _ in range(2):  # the second time there must be no more to say
            found = READERS[name](home)
            if hasattr(found, "__await__"):
                await found
        return SET_ASIDE.take()


@pytest.mark.parametrize("name", READERS)
async def test_any_bytes_are_survived_and_told_once(name: str) -> None:
    for content in KINDS:
        told = await _read(name, content)
        assert len(told) <= 1, (content[:40], told)


@pytest.mark.parametrize("name", READERS)
def test_random_bytes_are_survived_too(name: str) -> None:
    @settings(max_examples=30)
    @given(
        st.one_of(
            st.binary(max_size=80),
            st.recursive(
                st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
                lambda inner: (
                    st.lists(inner, max_size=3)
                    | st.dictionaries(
                        st.sampled_from(
                            ["place", "phase", "members", "talkers", "leaves", "short", "file", "folder", "short"]
                        ),
                        inner,
                        max_size=4,
                    )
                ),
                max_leaves=8,
            ).map(msgspec.json.encode),
        )
    )
    def check(content: bytes) -> None:
        asyncio.run(_read(name, content))

    check()


def test_a_bad_file_is_kept_under_another_name_and_told_with_it(tmp_path: Path) -> None:
    file = tmp_path / "session.json"
    file.write_bytes(b'{"name": "\xe9"}')
    SET_ASIDE.take()
    assert state.load(file, PartyMemoryFile, "the party") is None
    assert not file.exists()
    assert (tmp_path / "session.json.bad").read_bytes() == b'{"name": "\xe9"}'
    ((_, message),) = SET_ASIDE.take()
    assert "session.json.bad" in message
    assert state.load(file, PartyMemoryFile, "the party") is None
    assert not SET_ASIDE.take()


def test_what_is_not_saved_waits_and_is_written_when_the_disk_takes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = True

    def write(path: Path, data: bytes) -> None:
        if full:
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        write_atomically(path, data)

    monkeypatch.setattr("common.files.unsaved.write_atomically", write)
    unsaved, now = Unsaved(), 100.0
    for content in (b"old", b"new"):
        assert unsaved.write(tmp_path / "a.json", content, "which party this is")
    told = unsaved.words()
    assert told is not None
    assert "the disk is full" in told[0]
    assert "which party this is" in told[0]
    assert unsaved.due(lambda: now)
    unsaved.retry()
    assert not (tmp_path / "a.json").exists()
    full = False
    assert not unsaved.due(lambda: now + 1)  # not sooner than it should
    assert unsaved.due(lambda: now + 60)
    unsaved.retry()
    assert (tmp_path / "a.json").read_bytes() == b"new"
    assert unsaved.words() is None


def test_what_cannot_be_removed_is_removed_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a.json"
    file.write_bytes(b"{}")
    unsaved = Unsaved()
    with monkeypatch.context() as broken:
        broken.setattr(Path, "unlink", lambda *_, **__: (_ for _ in ()).throw(OSError(errno.EROFS, "Read-only")))
        assert unsaved.remove(file, "a.json is still to be removed") is not None
    assert unsaved.words() is not None
    unsaved.retry()
    assert not file.exists()
    assert unsaved.words() is None


def test_a_folder_that_takes_nothing_does_not_keep_another_from_being_written(tmp_path: Path) -> None:
    unsaved = Unsaved()
    for name in ("gone for ever", "back"):
        assert unsaved.write(tmp_path / name / "a.json", b"x", name) is not None
    (tmp_path / "back").mkdir()
    unsaved.retry()
    assert (tmp_path / "back" / "a.json").read_bytes() == b"x"
    told = unsaved.words()
    assert told is not None
    assert "gone for ever" in told[0]
    unsaved.forget()
    assert unsaved.words() is None
    assert not unsaved.due()


def test_a_disk_that_is_stuck_keeps_nobody_from_asking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unsaved = Unsaved()
    assert unsaved.write(tmp_path / "gone" / "a.json", b"x", "x") is not None
    stuck, goes_on = threading.Event(), threading.Event()

    def write(path: Path, data: bytes) -> None:
        stuck.set()
        goes_on.wait(60)

    monkeypatch.setattr("common.files.unsaved.write_atomically", write)
    thread = threading.Thread(target=unsaved.retry)
    thread.start()
    try:
        assert stuck.wait(60)
        assert unsaved.words() is not None
        assert unsaved.due(lambda: 1e9)
        assert thread.is_alive()
    finally:
        goes_on.set()
        thread.join()
    assert unsaved.words() is None


def test_what_is_dropped_is_not_written_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone" / "a.json"
    assert not state.save_bytes(gone, b"x", "x")
    assert UNSAVED.words() is not None
    state.drop(gone)
    assert UNSAVED.words() is None


class Count(Placed, frozen=True, kw_only=True):
    number: int = 0


def test_a_state_file_keeps_a_value_for_its_place_alone(tmp_path: Path) -> None:
    path = tmp_path / "count.json"
    here = StateFile(path, Count, "here", "counts")
    assert here.now == Count(place="here")
    assert here.keep(Count(number=1, place="whatever is named"))
    assert not here.keep(Count(number=1)), "that is remembered already"
    assert StateFile(path, Count, "here", "counts").now == here.now == Count(number=1, place="here")
    assert StateFile(path, Count, "there", "counts").now == Count(place="there")


def test_what_a_state_file_holds_of_another_place_may_count_on(tmp_path: Path) -> None:
    path = tmp_path / "count.json"
    StateFile(path, Count, "here", "counts").keep(Count(number=7))

    class CountsOn(StateFile[Count]):
        def fresh(self, other: Count | None) -> Count:
            return Count(place=self.place, number=other.number if other else 1)

    assert CountsOn(path, Count, "there", "counts").now == Count(place="there", number=7)
    assert CountsOn(tmp_path / "none.json", Count, "there", "counts").now.number == 1


def test_nobody_keeps_such_a_file_in_a_class_of_their_own() -> None:
    files = [file for folder in ("workers", "cli") for file in (CHECKOUT / folder).rglob("*.py")]
    of_their_own = {
        str(file.relative_to(CHECKOUT))
        for file in files
        if "place: str = " in (text := file.read_text("utf-8")) and "state.save" in text
    }
    assert of_their_own == set()
