"""What the bus tells of the party and its sound, as OBS depends on it. No I/O."""

from __future__ import annotations

from common.bus.retained import Retained
from common.messages import (
    STALE_S,
    Devices,
    Ducking,
    ListeningPages,
    Message,
    MixerState,
    PartyState,
    PeerKey,
    PeerState,
    PlayoutDelay,
    Speaking,
    WorkerHealth,
)
from common.obs.judge.party_view import PartyView, TalkerSound
from common.obs.wanted import Present

WATCHED: tuple[type[Message], ...] = (
    PartyState,
    PeerState,
    PlayoutDelay,
    Speaking,
    MixerState,
    Devices,
    Ducking,
    ListeningPages,
    WorkerHealth,
)


class PartySound(Retained):
    """The retained state that the obs worker watches."""

    def view(self, now: float) -> PartyView:
        """Return what OBS depends on. `now`: Unix seconds."""
        party, devices = self.one(PartyState), self.one(Devices)
        pages = self.one(ListeningPages)
        is_known = party is not None and party.phase in ("none", "joined") and party.members_known
        device = devices.current if devices else ""
        return PartyView(
            is_known=is_known,
            members=self._members() if self.joined else (),
            talkers=self._talkers(now),
            device=device,
            plays_on_default=bool(device) and _is_default(devices, device),
            pages=frozenset(pages.talkers) if pages else None,
            delay_ms=self._common_delay_ms(),
        )

    def _members(self) -> tuple[Present, ...]:
        """Return everybody else by account: one with two devices is one person."""
        names = {
            member.account_id: member.online_id
            for member in self.others().values()
            if PeerKey.of(member.peer).is_account
        }
        return tuple(Present(account, name) for account, name in names.items())

    def _talkers(self, now: float) -> dict[str, TalkerSound]:
        found: dict[str, TalkerSound] = {}
        for peer in self.others():
            spoken = self.of(Speaking, peer)
            quiet = None if spoken is None else 0.0 if spoken.speaking else max(0.0, now - spoken.at)
            account = PeerKey.of(peer).account_id
            other = found.get(account)
            if other is not None and other.quiet_s is not None and (quiet is None or other.quiet_s < quiet):
                continue
            found[account] = TalkerSound(muted=not self.is_heard(peer), quiet_s=quiet)
        return found

    def _common_delay_ms(self) -> int | None:
        delay = self.one(PlayoutDelay)
        return delay.common_ms if delay is not None and delay.latency == "steady" else None

    def delay_s(self) -> float:
        """Return how much the mix, and so OBS, is delayed to match a video."""
        mixer = self.one(MixerState)
        return mixer.delay_ms / 1000 if mixer else 0.0

    def is_ducking(self, clock: float) -> bool:
        """Return whether the party speaks now. `clock`: `common.basic.clock.boot_s`. An audio that is gone says no."""
        ducking, audio = self.one(Ducking), self.of(WorkerHealth, "audio")
        is_alive = audio is not None and audio.state != "stopping" and clock - audio.beat_s <= STALE_S
        return ducking is not None and ducking.active and is_alive


def _is_default(devices: Devices | None, name: str) -> bool:
    """Return whether that device is the system's default, by its name or because none was chosen."""
    if devices is None:
        return False
    return not devices.wanted or any(one.is_default and one.name == name for one in devices.devices)
