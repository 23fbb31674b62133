"""The FLAC files of one recording, all equally long at the end. Every method except `close` may raise `OSError`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from workers.recorder.files.encoder import Encoder
from workers.recorder.files.index import RecordingIndex
from workers.recorder.files.timeline import MIX, Block
from workers.recorder.files.track import TrackFile


class Tracks:
    def __init__(self, folder: Path, index: RecordingIndex) -> None:
        self._folder = folder
        self._index = index
        self._encoder = Encoder()
        self._files: dict[str, TrackFile] = {}

    @property
    def blocks(self) -> int:
        """Length of the longest file."""
        return max((track.blocks for track in self._files.values()), default=0)

    @property
    def count(self) -> int:
        return len(self._files)

    @property
    def size(self) -> int:
        return sum(track.size for track in self._files.values())

    def resume(self) -> None:
        """Continue the files that the index names. Raises `ValueError` for one that is not a recorder's."""
        for talker in self._index.recorded():
            self._resume(talker.account_id, talker.file)
        if self._index.mix:
            self._resume(MIX, self._index.mix)

    def _resume(self, account_id: str, file: str) -> None:
        path = self._folder / file
        if path.exists() and not path.stat().st_size:
            path.unlink()  # the recorder was killed while it created the file
        if path.exists():
            self._files[account_id] = TrackFile.resume(path)

    def write(self, block: Block) -> None:
        for account_id in block.accounts:
            track = self._files.get(account_id) or self._create(account_id)
            track.write(block.number, block.sounds.get(account_id), self._encoder.frame)

    def _create(self, account_id: str) -> TrackFile:
        file, title = self._index.file_of(account_id)
        when = datetime.fromtimestamp(self._index.started_at).astimezone().isoformat(timespec="seconds")
        track = self._files[account_id] = TrackFile.create(self._folder / file, {"TITLE": title, "DATE": when})
        return track

    def sync(self) -> None:
        for track in list(self._files.values()):
            track.sync()

    def finish(self, blocks: int) -> list[OSError]:
        """Pad all files to `blocks` and finish their headers. Return the errors. A file with one stays readable."""
        errors: list[OSError] = []
        for track in self._files.values():
            try:
                track.pad(blocks)
            except OSError as error:
                errors.append(error)
            try:
                track.finish()
            except OSError as error:
                errors.append(error)
        return errors

    def close(self) -> None:
        for track in self._files.values():
            track.close()
