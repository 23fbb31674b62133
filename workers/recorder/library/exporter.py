"""A recording in another format, written into its folder. For a thread that may wait for the disk."""

from __future__ import annotations

from pathlib import Path
from typing import assert_never

from common.basic.values import ExportKind
from common.errors import PartylineError
from common.files.paths import write_atomically
from workers.recorder.export import project_files
from workers.recorder.export.audio_copy import Chapter, CopyOf, as_chapters, make_copy
from workers.recorder.export.sources import chapters, sounds, title
from workers.recorder.files.index_format import IndexFile
from workers.recorder.library.entries import read_index
from workers.recorder.record.recording_folder import locked

PROJECT = "recording"
"""The name of project files."""


def export(folder: Path, kind: ExportKind, *, each: bool = False) -> list[Path]:
    """Write the files of an export and return them. `each`: a copy of every talker too, not of the mix alone.

    Raises `PartylineError` if the recording is in use, unfinished or empty, and `OSError`.
    """
    lock = locked(folder)
    try:
        session = read_index(folder)
        if not sounds(folder, session):
            raise PartylineError(
                f"{folder.name} has no sound to export.",
                f"Try: `partyline record repair {folder}`.",
                code="recorder.no-file",
            )
        return _export(folder, session, kind, each=each)
    finally:
        lock.release()


def _export(folder: Path, session: IndexFile, kind: ExportKind, *, each: bool) -> list[Path]:
    files = [(path.name, name) for path, name in sounds(folder, session)]
    match kind:
        case "m4a" | "mp3" | "opus":
            return list(_copies(folder, session, kind, each=each))
        case "lof":
            text = project_files.lof([file for file, _ in files], session.seconds)
            return [_written(folder / f"{PROJECT}.lof", text.encode())]
        case "rpp":
            marks = [(mark.at, mark.text or f"Mark {number}") for number, mark in enumerate(session.marks, 1)]
            return [_written(folder / f"{PROJECT}.rpp", project_files.rpp(files, session.seconds, marks).encode())]
        case "chapters":
            return [_written(folder / "chapters.json", project_files.chapters_json(_marked(folder, session)))]
        case "ffmetadata":
            return [_ffmetadata(folder / "chapters.ffmetadata", session, folder)]
        case _:
            assert_never(kind)


def _copies(folder: Path, session: IndexFile, kind: ExportKind, *, each: bool) -> list[Path]:
    found = sounds(folder, session)
    mix = [path for path, _ in found if path.name == session.mix]
    wanted = {folder / f"mix.{kind}": CopyOf(mix or [path for path, _ in found], title(session))}
    if each:
        wanted |= {
            path.with_suffix(f".{kind}"): CopyOf([path], f"{name} · {title(session)}")
            for path, name in found
            if path.name != session.mix
        }
    for target, of in wanted.items():
        make_copy(CopyOf(of.sources, of.title, chapters(session), session.seconds), target, kind)  # type: ignore[arg-type]
    return list(wanted)


def _marked(folder: Path, session: IndexFile) -> list[Chapter]:
    """Return the chapters. Raises `PartylineError` if the recording has no marks."""
    found = chapters(session)
    if not found:
        raise PartylineError(
            f"{folder.name} has no marks, so there are no chapters.",
            "Set some while you record: `partyline record mark`.",
            code="recorder.no-marks",
        )
    return found


def _ffmetadata(target: Path, session: IndexFile, folder: Path) -> Path:
    import av  # noqa: PLC0415  # see `Encoder`

    found = _marked(folder, session)
    part = target.with_name(f".{target.name}.part")
    try:
        with av.open(str(part), "w", format="ffmetadata") as made:
            made.metadata["title"] = title(session)
            made.set_chapters(as_chapters(found))
            made.start_encoding()
        part.chmod(0o600)
        return part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _written(target: Path, data: bytes) -> Path:
    write_atomically(target, data)
    return target
