"""The settings of the mix in force: the user's choices, and the configured values where nothing was chosen. No I/O."""

from __future__ import annotations

from common.config import tables
from common.messages import Member, PeerKey
from workers.audio.memory import Choice, Choices


class MixSettings:
    def __init__(self, configured: tables.AudioSettings, choices: Choices) -> None:
        self.configured = configured
        self.choices = choices
        self._routes: dict[str, tuple[int, ...]] = {
            name.casefold(): (channels,) if isinstance(channels, int) else channels
            for name, channels in configured.routes.items()
        }
        """Account id, or online id in lower case → channels."""
        self.channels: tuple[int, ...] = tuple(
            sorted({channel for route in self._routes.values() for channel in route})
        )
        """Channels of the device that carry one talker, counted from 1. They are the chain's rows after the mix."""
        self._names: dict[str, str] = {}

    @property
    def gain_db(self) -> float:
        chosen = self.choices.kept.master.gain_db
        return self.configured.gain_db if chosen is None else chosen

    @property
    def delay_ms(self) -> float:
        chosen = self.choices.kept.master.delay_ms
        return self.configured.delay_ms if chosen is None else chosen

    @property
    def levelling(self) -> bool:
        chosen = self.choices.kept.master.levelling
        return self.configured.levelling if chosen is None else chosen

    @property
    def newcomer_gain_db(self) -> float:
        chosen = self.choices.kept.master.newcomer_gain_db
        return self.configured.newcomer_gain_db if chosen is None else chosen

    @property
    def device(self) -> str:
        """Name of the device, or part of it. Empty means the system's default."""
        chosen = self.choices.kept.device
        return self.configured.device if chosen is None else chosen

    def gain_of(self, choice: Choice) -> float:
        return self.newcomer_gain_db if choice.gain_db is None else choice.gain_db

    def channels_of(self, peer: str) -> tuple[int, ...]:
        """Return the channels that this talker is routed to."""
        account = PeerKey.of(peer).account_id
        return self._routes.get(account) or self._routes.get(self._names.get(account, "")) or ()

    def record_names(self, members: tuple[Member, ...]) -> None:
        """Record the members' online ids, because routes may name an online id."""
        self._names.update({m.account_id: m.online_id.casefold() for m in members if m.online_id})
