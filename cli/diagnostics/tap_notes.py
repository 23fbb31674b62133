"""What happens to the reading of a bus, beside its messages: a lost link, dropped messages, the end. No I/O."""

from __future__ import annotations

from typing import Literal

import msgspec

from cli.shared.terminal import counted, span


class LinkLost(msgspec.Struct, frozen=True, kw_only=True, tag_field="note", tag="link lost"):
    at: float
    """Unix seconds of the machine that the bus is of, as in all notes."""


class LinkBack(msgspec.Struct, frozen=True, kw_only=True, tag_field="note", tag="link back"):
    at: float
    lost_s: float
    """Time since the last message before the loss. A pulled cable is noticed 6 s later than that."""


class Dropped(msgspec.Struct, frozen=True, kw_only=True, tag_field="note", tag="dropped"):
    at: float
    messages: int
    """Messages that came while the output was too slow."""


class End(msgspec.Struct, frozen=True, kw_only=True, tag_field="note", tag="end"):
    at: float
    why: Literal["time", "interrupted"]
    messages: int


AnyNote = LinkLost | LinkBack | Dropped | End


def words(note: AnyNote, machine: str) -> str:
    """Return a note as a sentence."""
    match note:
        case LinkLost():
            return f"The link to {machine} is lost. It is tried again by itself."
        case LinkBack(lost_s=lost_s):
            return f"The link to {machine} is back after {span(lost_s)}. Messages of that time are missing."
        case Dropped(messages=count):
            return f"{counted(count, 'message')} dropped, because the output was too slow."
        case End(messages=count):
            return f"The recording ends here, with {counted(count, 'message')}."


class LinkNotes:
    """Turns what ZeroMQ says of the connection into notes. The first connection is none."""

    def __init__(self) -> None:
        self._was_up = False
        self._lost_since: float | None = None
        self.last_at = 0.0
        """When the last message came. 0 before the first one."""

    def note(self, *, up: bool, at: float) -> LinkLost | LinkBack | None:
        """Return the note for a change, None where nothing has changed."""
        if not up:
            if not self._was_up or self._lost_since is not None:
                return None
            self._lost_since = self.last_at or at
            return LinkLost(at=at)
        self._was_up, since = True, self._lost_since
        self._lost_since = None
        return None if since is None else LinkBack(at=at, lost_s=max(0.0, at - since))
