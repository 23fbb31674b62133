"""The repair of an interrupted recording: whole frames only, one length, length and MD5 in each header, the index.

It removes nothing audible. It may be interrupted and repeated.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from common.errors import PartylineError
from common.files import state
from common.files.paths import write_atomically
from common.files.state import SET_ASIDE
from common.messages import SAMPLE_RATE
from workers.recorder.export.audio_copy import CopyKind, can_make, make_copy
from workers.recorder.export.sources import clip_copy
from workers.recorder.files import flac
from workers.recorder.files.index import MIX_FILE, RecordingIndex
from workers.recorder.files.index_format import IndexFile, IndexTalker, load
from workers.recorder.files.track import TrackFile
from workers.recorder.record.recording_folder import INDEX, LABELS, RESERVE, locked

MOST_ADDED_S = 300
"""The most by which the index may exceed the longest file, for unwritten silence. More is cut off."""
INTERRUPTED = "it was interrupted and repaired"


@dataclass(frozen=True, slots=True)
class RepairedFile:
    """The result for one file."""

    file: str
    seconds: float
    added_s: float
    """Silence appended for the common length."""
    cut_bytes: int
    """Bytes removed after the last whole frame."""
    fault: str = ""
    """Why it could not be repaired."""


@dataclass(frozen=True, slots=True)
class RepairReport:
    seconds: float
    files: tuple[RepairedFile, ...]


def repair(folder: Path, *, video: bool = True) -> RepairReport:
    """Finish the recording in `folder`. A clip gets its copies to share, as a video too if `video`.

    Raises `PartylineError` for a folder that is not a recording, is in use, or cannot be read or written.
    """
    if not folder.is_dir():
        raise PartylineError(
            f"{folder} is no folder.",
            "Name the folder of one recording. `partyline record status` shows the last one.",
            code="recorder.repair",
        )
    try:
        lock = locked(folder)
        try:
            return _repair(folder, video=video)
        finally:
            lock.release()
    except OSError as error:
        raise PartylineError(
            f"{folder} cannot be repaired: {error.strerror or error}.",
            "Name the folder of one recording. Check its permissions and the space on its disk.",
            code="recorder.repair",
        ) from error


def _repair(folder: Path, *, video: bool) -> RepairReport:
    session = _session(folder)
    files = [talker.file for talker in session.talkers if talker.file] + ([session.mix] if session.mix else [])
    present = [file for file in files if (folder / file).exists()]
    blocks = max((_blocks(folder / file) for file in present), default=0)
    promised = int(session.seconds * SAMPLE_RATE) // flac.BLOCK
    blocks = max(blocks, min(promised, blocks + MOST_ADDED_S * SAMPLE_RATE // flac.BLOCK))
    repaired = tuple(_repair_file(folder / file, blocks) for file in present)
    repaired += tuple(RepairedFile(file, 0.0, 0.0, 0, "the file is missing") for file in files if file not in present)
    seconds = blocks * flac.BLOCK / SAMPLE_RATE
    if session.kind == "clip":
        repaired += tuple(_copy_clip(folder, session, seconds, video=video))
    index = RecordingIndex(session)
    if session.state != "finished":
        index.record_end(seconds, INTERRUPTED)
    written, labels = index.dump(seconds)
    write_atomically(folder / INDEX, written)
    write_atomically(folder / LABELS, labels)
    (folder / RESERVE).unlink(missing_ok=True)
    return RepairReport(seconds, repaired)


def _copy_clip(folder: Path, session: IndexFile, seconds: float, *, video: bool) -> Iterator[RepairedFile]:
    """Make the copies of a clip that are missing, and name them in the index. Raises `OSError`."""
    kinds: list[CopyKind] = ["m4a" if can_make("m4a") else "opus"]
    kinds += ["mp4"] if video and can_make("mp4") else []
    for kind in kinds:
        file = f"clip.{kind}"
        if file in session.copies and (folder / file).is_file():
            continue
        try:
            make_copy(clip_copy(folder, session, seconds), folder / file, kind)
        except PartylineError as error:
            session.copy_fault = error.message
        else:
            session.copies = [*(copy for copy in session.copies if copy != file), file]
        yield RepairedFile(file, seconds, 0.0, 0, session.copy_fault)


def _session(folder: Path) -> IndexFile:
    """Return the index, or one made from the files if there is none."""
    index = state.read(folder / INDEX, load, "that recording")
    if index is not None:
        return index
    if SET_ASIDE.is_newer(folder / INDEX):
        raise PartylineError(
            f"A newer version of partyline recorded {folder}. It was left as it is.",
            "Update partyline, then repair it.",
            code="recorder.newer",
        )
    found = sorted(path.name for path in folder.glob("*.flac") if path.name != MIX_FILE and _blocks(path) >= 0)
    mix = MIX_FILE if (folder / MIX_FILE).exists() else ""
    if not found and not mix:
        raise PartylineError(
            f"{folder} is no recording: it holds neither {INDEX} nor a FLAC file of the recorder.",
            "Name the folder of one recording. `partyline record status` shows the last one.",
            code="recorder.no-recording",
        )
    talkers = [IndexTalker(account_id="", online_id=name.removesuffix(".flac"), file=name) for name in found]
    return IndexFile(started_at=folder.stat().st_mtime, talkers=talkers, mix=mix)


def _blocks(path: Path) -> int:
    """Return the number of whole frames of a file, -1 for a file that is not a recorder's."""
    try:
        return TrackFile.count(path)
    except ValueError:
        return -1


def _repair_file(path: Path, blocks: int) -> RepairedFile:
    before = path.stat().st_size
    try:
        head = TrackFile.promised(path)
        had = TrackFile.count(path)
    except ValueError as error:
        return RepairedFile(path.name, 0.0, 0.0, 0, str(error))
    if head is not None and head[0] == had * flac.BLOCK == blocks * flac.BLOCK:
        fault = "" if _md5(path, blocks) == head[1] else "its sound is not what was recorded (MD5)"
        return RepairedFile(path.name, blocks * flac.BLOCK / SAMPLE_RATE, 0.0, 0, fault)
    track = TrackFile.resume(path)
    try:
        cut = before - track.size
        track.pad(blocks)
        md5 = _md5(path, blocks)
        track.finish(md5 or bytes(16))
    finally:
        track.close()
    added_s = (blocks - had) * flac.BLOCK / SAMPLE_RATE
    fault = "" if md5 else "a part cannot be decoded, the rest can"
    return RepairedFile(path.name, blocks * flac.BLOCK / SAMPLE_RATE, added_s, cut, fault)


def _md5(path: Path, blocks: int) -> bytes:
    """Return the MD5 of a file's samples, empty if it does not decode to `blocks` blocks."""
    import av  # noqa: PLC0415  # 16 MB, and there is seldom something to repair

    digest, count = hashlib.md5(usedforsecurity=False), 0
    try:
        with av.open(str(path)) as container:
            container.streams.audio[0].codec_context.options = {"err_detect": "crccheck+explode"}
            for frame in container.decode(audio=0):
                samples = np.ascontiguousarray(frame.to_ndarray()[0], "<i2")
                digest.update(samples.data)
                count += len(samples)
    except av.FFmpegError:
        return b""
    return digest.digest() if count == blocks * flac.BLOCK else b""
