"""Who else plays the sound, besides audio's own output."""

from __future__ import annotations

from typing import ClassVar

from common.messages.base import Message


class Listeners(Message, frozen=True, kw_only=True):
    """dashboard → audio, when a page begins or ends to play the voices.

    While somebody does, a missing sound device is no fault.
    """

    TOPIC: ClassVar[str] = "dashboard.listeners"
    RETAINED: ClassVar[bool] = True
    count: int
    """Pages, in OBS or a browser, that play the mix or one talker."""
