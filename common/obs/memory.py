"""What was set up in OBS, and what we changed there: `state/obs.json`.

Nothing in a device source or a filter marks it as ours, so their names are kept here.
"""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import msgspec

from common.files import state
from common.files.paths import write_atomically
from common.files.state import SET_ASIDE
from common.messages import ObsSetup

WHAT = "what was made in OBS"


class MadeFilter(msgspec.Struct, frozen=True):
    """A filter that we put on a source of the user's."""

    source: str
    name: str


class HiddenItem(msgspec.Struct, frozen=True):
    """An entry of a scene that we hid, because the member left."""

    scene: str
    item: int


class KeptFilter(msgspec.Struct, frozen=True):
    """A filter that the user had put on a member's source."""

    name: str
    kind: str
    enabled: bool
    settings: dict[str, Any]


class KeptSource(msgspec.Struct, frozen=True):
    """What the user had set on a member's source, for the next one. A removal in OBS drops it."""

    volume_db: float = 0.0
    muted: bool = False
    balance: float = 0.5
    sync_ms: int = 0
    filters: tuple[KeptFilter, ...] = ()


class KeptSync(msgspec.Struct, frozen=True):
    """A sync offset of a source in OBS, in milliseconds, and the playout delay that it was chosen for."""

    base_ms: int
    """What the user, or `partyline obs lipsync`, set."""
    delay_ms: int
    """The party's common delay then."""
    set_ms: int
    """What OBS had last. Another value there is a new choice of the user's."""
    meant_ms: int | None = None
    """What it is being changed to. Whoever is killed meanwhile finds one of both."""


class ObsMemory(msgspec.Struct, frozen=True):
    """All that is remembered."""

    device_sources: list[str] = []
    """Names of the device sources that we made."""
    setup: ObsSetup | None = None
    collection: str = ""
    """OBS's scene collection in which it was set up. In another one nothing is touched."""
    tracks: dict[str, int] = {}
    """Account → OBS's audio track."""
    absent_since: dict[str, float] = {}
    """Account with a source → Unix seconds since when they are not in the party."""
    hidden: dict[str, tuple[HiddenItem, ...]] = {}
    """Name of a member's source → its entries that we hid. The user's own are not among them."""
    kept: dict[str, KeptSource] = {}
    """Account → what the user had set on their source, which was removed since."""
    scene: str = ""
    """The scene that the sources were made in."""
    made: tuple[str, ...] = ()
    """What has a source of ours: ``mix``, ``overlay``, ``device``, ``stream`` or an account."""
    dropped: tuple[str, ...] = ()
    """The same for what the user removed in OBS. It is not made again before the next set-up."""
    filters: tuple[MadeFilter, ...] = ()
    delay_ms: int | None = None
    """The party's common delay when OBS was last looked at with one, in milliseconds."""
    sync: dict[str, KeptSync] = {}
    """Name of a source with voices → its sync offset. One that is gone may come back (`kept`)."""


class ObsMemoryFile:
    """Keeps the `ObsMemory`."""

    def __init__(self, file: Path, *, must: bool = False) -> None:
        """`must`: a save that fails raises `OSError`. Otherwise it is reported and tried again, as workers need."""
        self._file = file
        self._must = must
        self.now = state.load(file, ObsMemory, WHAT) or ObsMemory()

    def change(self, **fields: Any) -> None:
        """Replace these fields, and save if anything changed."""
        self.put(msgspec.structs.replace(self.now, **fields))

    def put(self, changed: ObsMemory) -> None:
        """Replace all of it, and save if anything changed."""
        if changed != self.now:
            self.now = changed
            self._save()

    def _save(self) -> None:
        if not self._must:
            state.save(self._file, self.now, WHAT)
            return
        if SET_ASIDE.is_newer(self._file):
            raise OSError(errno.EPERM, "a newer version of partyline wrote it", str(self._file))
        write_atomically(self._file, state.encode(self.now))


def renamed(memory: ObsMemory, old: str, new: str) -> ObsMemory:
    """Return the memory after the user renamed a source in OBS."""
    setup = memory.setup
    if setup is not None and setup.duck_source == old:
        setup = msgspec.structs.replace(setup, duck_source=new)
    return msgspec.structs.replace(
        memory,
        setup=setup,
        device_sources=[new if name == old else name for name in memory.device_sources],
        hidden={new if name == old else name: found for name, found in memory.hidden.items()},
        filters=tuple(MadeFilter(new, one.name) if one.source == old else one for one in memory.filters),
        sync={new if name == old else name: found for name, found in memory.sync.items()},
    )
