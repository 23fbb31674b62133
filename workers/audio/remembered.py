"""Each account's gain and mute, kept from party to party. The file is `state/audio.json`; `Choices` does no I/O."""

from __future__ import annotations

from pathlib import Path

import msgspec

from common.errors import PartylineError
from common.paths import write_atomically
from workers.audio.mixer import GAIN_MAX_DB, GAIN_MIN_DB


class Choice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How loud an account is to be."""

    gain_db: float = 0.0
    muted: bool = False


class Choices:
    """By account, not by peer key: the same person on another console is as loud as before."""

    def __init__(self, by_account: dict[str, Choice] | None = None) -> None:
        self._by_account = dict(by_account or {})

    @staticmethod
    def account(peer: str) -> str:
        """Return the account of a peer key (or of an account id); raises `PartylineError` for anything else."""
        account = peer.partition(".")[0]
        if not (account.isascii() and account.isdigit()):
            raise PartylineError(
                f"{peer!r} names no party member.",
                "Name a member as `partyline status` does: account id, a dot, platform.",
                code="audio.bad-peer",
            )
        return account

    def of(self, peer: str) -> Choice:
        return self._by_account.get(peer.partition(".")[0], Choice())

    def set_gain(self, peer: str, gain_db: float) -> Choice:
        """Choose a gain in dB; raises `PartylineError` for one out of range (or not a number)."""
        if not GAIN_MIN_DB <= gain_db <= GAIN_MAX_DB:
            raise PartylineError(
                f"A gain of {gain_db:g} dB cannot be set.",
                f"Choose {GAIN_MIN_DB:g} to {GAIN_MAX_DB:g} dB; 0 leaves a voice as it is.",
                code="audio.bad-gain",
            )
        return self._put(peer, msgspec.structs.replace(self.of(peer), gain_db=gain_db))

    def set_mute(self, peer: str, *, muted: bool) -> Choice:
        return self._put(peer, msgspec.structs.replace(self.of(peer), muted=muted))

    def _put(self, peer: str, choice: Choice) -> Choice:
        account = self.account(peer)
        if choice == Choice():
            self._by_account.pop(account, None)
        else:
            self._by_account[account] = choice
        return choice

    def dump(self) -> bytes:
        return msgspec.json.format(msgspec.json.encode(self._by_account), indent=2) + b"\n"


def load(file: Path) -> Choices:
    """Return what `file` holds, nothing if there is none; raises `PartylineError` if it cannot be used."""
    try:
        by_account = msgspec.json.decode(file.read_bytes(), type=dict[str, Choice])
    except FileNotFoundError:
        return Choices()
    except (OSError, msgspec.DecodeError) as error:
        raise PartylineError(
            f"The remembered volumes cannot be read: {error}.",
            f"All voices begin at 0 dB; mend or remove {file}.",
            code="audio.volumes",
        ) from error
    choices = Choices()
    for account, choice in by_account.items():
        choices.set_gain(account, choice.gain_db)
        choices.set_mute(account, muted=choice.muted)
    return choices


def save(file: Path, data: bytes) -> None:
    """Write what `Choices.dump` returned; raises `PartylineError`."""
    try:
        write_atomically(file, data)
    except OSError as error:
        raise PartylineError(
            f"The volumes cannot be saved: {error}.",
            f"They hold until audio restarts; check {file.parent} and the space on its disk.",
            code="audio.volumes",
        ) from error
