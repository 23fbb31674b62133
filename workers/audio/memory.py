"""The user's choices for the mix, kept between parties in the state file `state/audio.json`. `Choices` does no I/O."""

from __future__ import annotations

from pathlib import Path

import msgspec

from common.basic.values import DelayMs, GainDb
from common.errors import PartylineError
from common.files import state
from common.messages import PeerKey, TalkerProcessing


class Choice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The choices for one account."""

    gain_db: GainDb | None = None
    """None means the newcomers' gain."""
    muted: bool = False
    solo: bool = False
    level_db: float = 0.0
    """The last levelling gain."""
    processing: TalkerProcessing = TalkerProcessing()


class Master(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The choices for the whole mix. None means the setting's value."""

    gain_db: GainDb | None = None
    delay_ms: DelayMs | None = None
    levelling: bool | None = None
    newcomer_gain_db: GainDb | None = None


class SavedMix(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The file."""

    talkers: dict[str, Choice] = {}
    master: Master = Master()
    own_account: str = ""
    """Account of the person who runs partyline, or empty while nobody said."""
    device: str | None = None
    """The chosen device. None means the setting's value."""


class Choices:
    """Choices by account, not by peer key, so that a person keeps a volume on another console."""

    def __init__(self, kept: SavedMix | None = None) -> None:
        self.kept = kept or SavedMix()

    @staticmethod
    def account(peer: str) -> str:
        """Return the account of a peer key (or of an account id). Raises `PartylineError` for anything else."""
        key = PeerKey.of(peer)
        if not key.is_account:
            raise PartylineError(
                f"{peer!r} is not the key of a party member.",
                "Name a member as `partyline status` does: account id, a dot, platform.",
                code="audio.bad-peer",
            )
        return key.account_id

    def of(self, peer: str) -> Choice:
        return self.kept.talkers.get(PeerKey.of(peer).account_id, Choice())

    def set_gain(self, peer: str, gain_db: GainDb) -> Choice:
        return self._put(peer, msgspec.structs.replace(self.of(peer), gain_db=gain_db))

    def set_mute(self, peer: str, *, muted: bool) -> Choice:
        return self._put(peer, msgspec.structs.replace(self.of(peer), muted=muted))

    def set_solo(self, peer: str, *, solo: bool) -> Choice:
        return self._put(peer, msgspec.structs.replace(self.of(peer), solo=solo))

    def set_own_account(self, account_id: str) -> None:
        """Record whose account the person's own is, and mute it. The one before is no longer muted.

        Naming the same account again changes nothing, so that a person's unmute stays.
        """
        before = self.kept.own_account
        chosen = self.account(account_id) if account_id else ""
        if chosen == before:
            return
        if before:
            self.set_mute(before, muted=False)
        if chosen:
            self.set_mute(chosen, muted=True)
        self.kept.own_account = chosen

    def set_processing(self, peer: str, processing: TalkerProcessing) -> Choice:
        return self._put(peer, msgspec.structs.replace(self.of(peer), processing=processing))

    def set_device(self, name: str) -> None:
        """Choose a device. Empty means the system's default."""
        self.kept.device = name

    def set_level(self, peer: str, level_db: float) -> None:
        self._put(peer, msgspec.structs.replace(self.of(peer), level_db=round(level_db, 1)))

    def _put(self, peer: str, choice: Choice) -> Choice:
        account = self.account(peer)
        if choice == Choice():
            self.kept.talkers.pop(account, None)
        else:
            self.kept.talkers[account] = choice
        return choice

    def set_master(
        self,
        gain_db: GainDb | None = None,
        delay_ms: DelayMs | None = None,
        levelling: bool | None = None,
        newcomer_gain_db: GainDb | None = None,
    ) -> Master:
        """Change the values that are not None."""
        chosen = Master(gain_db=gain_db, delay_ms=delay_ms, levelling=levelling, newcomer_gain_db=newcomer_gain_db)
        changes = {name: value for name, value in msgspec.structs.asdict(chosen).items() if value is not None}
        self.kept.master = msgspec.structs.replace(self.kept.master, **changes)
        return self.kept.master

    def dump(self) -> bytes:
        return msgspec.json.format(state.encode(self.kept), indent=2) + b"\n"


def load(file: Path) -> Choices:
    """Return what `file` holds, or empty choices if it is missing or unusable (see `common.files.state`)."""
    return state.read(file, _decode, "the volumes and the device") or Choices()


def _decode(data: bytes) -> Choices:
    """Return the choices. Raises `ValueError` or `msgspec.DecodeError` for invalid data."""
    fields = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
    if fields and all(name.isdigit() for name in fields):  # until version 0.1 there were talkers only
        kept = SavedMix(talkers=msgspec.json.decode(data, type=dict[str, Choice]))
    else:
        kept = msgspec.json.decode(data, type=SavedMix)
    choices = Choices(SavedMix(device=kept.device))
    try:
        for account, choice in kept.talkers.items():
            choices._put(account, choice)  # noqa: SLF001  # checks the account
        choices.set_master(**msgspec.structs.asdict(kept.master))
        choices.kept.own_account = choices.account(kept.own_account) if kept.own_account else ""
    except PartylineError as error:
        raise ValueError(error.message) from error
    return choices


def save(file: Path, data: bytes) -> None:
    """Write what `Choices.dump` returned. Raises `PartylineError` if it cannot be saved at the moment."""
    if not state.save_bytes(file, data, "the volumes and the device"):
        raise PartylineError(
            "The volumes are applied, but cannot be saved at the moment.",
            f"Check {file.parent} and the space on its disk. They are saved automatically then.",
            code="audio.volumes",
        )
