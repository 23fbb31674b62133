"""OBS, and the test tone that is heard there."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

import msgspec

from common.basic.values import ObsRoute
from common.messages import ObsRemark, ObsSource, ObsState
from common.requests.base import Done, Request

ToneSeconds = Annotated[float, msgspec.Meta(ge=0.5, le=30)]
"""Length of the test tone."""


class ObsChange(msgspec.Struct, frozen=True, kw_only=True):
    """What was done with one source."""

    name: str
    done: str
    """``created``, ``updated``, ``unchanged`` or ``removed``."""


class ObsChanged(msgspec.Struct, frozen=True, kw_only=True):
    """The reply to `SetUpObs` and `RemoveFromObs`."""

    state: ObsState
    changes: tuple[ObsChange, ...] = ()
    notes: tuple[ObsRemark, ...] = ()
    """What the user should know about these changes."""


class ObsTestResult(msgspec.Struct, frozen=True, kw_only=True):
    """The reply to `TestObs`."""

    heard: bool
    """Whether the tone arrived in every source that should carry it."""
    message: str
    """The verdict, one sentence."""
    remedy: str = ""
    """What the user can do, if it was not heard everywhere."""
    sources: tuple[ObsSource, ...] = ()
    """Our sources with voices. `peak_db` is the highest level during the tone, and `remarks` says why one is silent."""
    also_heard_in: tuple[str, ...] = ()
    """Other sources in OBS that carried the tone too, so that the stream has the voices twice."""


class SetUpObs(Request[ObsChanged], frozen=True, kw_only=True):
    """cli, dashboard → obs: create or update our sources in OBS, and keep them true from now on.

    Refused if OBS cannot be reached, or cannot do it. What was wanted before is then kept.
    """

    WORKER: ClassVar[str] = "obs"
    REPLY: ClassVar[type[Any]] = ObsChanged
    route: ObsRoute
    overlay: bool = True
    scene: str = ""
    """Scene for the sources, or empty for the one on air."""
    tracks: bool = False
    """Give each member an audio track of their own in OBS (2 to 6). Everybody is on track 1 too."""
    duck: bool = False
    """Lower `duck_source` while the party speaks. No source of the user's is touched otherwise."""
    duck_source: str = ""
    """Name in OBS of the game's source. `duck` without it is refused with the names that could be meant."""
    device: str = ""
    """Part of the device's name, for the route `device`. Empty for what plays now, or BlackHole."""


class RemoveFromObs(Request[ObsChanged], frozen=True, kw_only=True):
    """cli, dashboard → obs: remove our sources and filters from OBS, and leave it alone from now on."""

    WORKER: ClassVar[str] = "obs"
    REPLY: ClassVar[type[Any]] = ObsChanged


OverlayLook = Annotated[str, msgspec.Meta(max_length=8000)]
"""What follows `?` in the overlay's address, or a whole address. Longer ones are refused by the dashboard."""
OverlaySide = Annotated[int, msgspec.Meta(ge=0, le=4000)]


class PutOverlayIntoObs(Request[ObsChanged], frozen=True, kw_only=True):
    """cli, dashboard → obs: put the overlay into OBS, or change the one that is there.

    Refused if OBS cannot be reached, or has no Browser Source. The voices in OBS are not touched.
    """

    WORKER: ClassVar[str] = "obs"
    REPLY: ClassVar[type[Any]] = ObsChanged
    look: OverlayLook | None = None
    """How it looks, as `/overlay-setup` writes it. A key in it is ignored. None: as it looks now, or as usual."""
    scene: str = ""
    """Scene that it is put into, or empty for the one on air. One that is there already stays where it is besides."""
    width: OverlaySide = 0
    """Pixels, or 0 to leave it."""
    height: OverlaySide = 0


class TakeOverlayFromObs(Request[ObsChanged], frozen=True, kw_only=True):
    """cli, dashboard → obs: take the overlay out of OBS, and nothing else."""

    WORKER: ClassVar[str] = "obs"
    REPLY: ClassVar[type[Any]] = ObsChanged


class CheckObs(Request[ObsState], frozen=True, kw_only=True):
    """cli, dashboard → obs: look at OBS now, also where nothing was set up.

    A missing OBS is told in the answer, not refused.
    """

    WORKER: ClassVar[str] = "obs"
    REPLY: ClassVar[type[Any]] = ObsState


class TestObs(Request[ObsTestResult], frozen=True, kw_only=True):
    """cli, dashboard → obs: play a test tone the way that the voices go, and tell what OBS's meters showed."""

    __test__: ClassVar[bool] = False  # nothing that pytest runs
    WORKER: ClassVar[str] = "obs"
    REPLY: ClassVar[type[Any]] = ObsTestResult
    seconds: ToneSeconds = 3.0


class TestTone(Request[Done], frozen=True, kw_only=True):
    """obs, dashboard → audio: play a tone of -20 dBFS in the mix and on the pages. Answered at once, not recorded."""

    __test__: ClassVar[bool] = False  # nothing that pytest runs
    WORKER: ClassVar[str] = "audio"
    REPLY: ClassVar[type[Any]] = Done
    seconds: ToneSeconds = 3.0
