"""This machine's key pair, and the machines that it knows. A file of mode 0600 beside the API's keys.

What a machine may do here and where it is reached are two facts: a spare Mac lets the desk in, and the desk knows the
way.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from common.bus.peers.curve import CurveKeys, is_key
from common.bus.peers.peer_rights import PeerRight
from common.errors import PartylineError
from common.files import state
from common.files.lock import locked
from common.files.paths import Paths, write_atomically
from common.files.state import UNUSABLE

FORMAT = 1
_TRIES, _PAUSE_S = 40, 0.025
"""A second at most, far more than a change takes."""
MOST_PEERS = 50
"""More machines than that are a fault of a script."""


class PairedMachine(msgspec.Struct, frozen=True, kw_only=True):
    """Another machine."""

    name: str
    """What it calls itself, made unique here."""
    public: str
    """Its CURVE public key, Z85."""
    right: PeerRight | None = None
    """What it may do here, None for nothing."""
    may_sign_in: bool = False
    """Whether it may sign this machine in and out too. It counts with the right ``control`` only."""
    address: str = ""
    """``host:port`` of its gate, or empty if it has none."""
    met_at: float
    """Unix seconds of the pairing."""

    def reached_at(self) -> str:
        """Return the address of its gate. Raises `PartylineError` if it has none that is known here."""
        if not self.address:
            raise PartylineError(
                f"{self.name} may see this machine, but this one does not know the way to it.",
                "Run `partyline pair` there, then `partyline pair CODE` here.",
                code="peers.no-way",
            )
        return self.address


class Keyring(msgspec.Struct, frozen=True, kw_only=True):
    own: CurveKeys
    peers: tuple[PairedMachine, ...] = ()

    def named(self, name: str) -> PairedMachine:
        """Return the machine of that name. Raises `PartylineError`."""
        wanted = name.casefold().removesuffix(".local")
        for peer in self.peers:
            if wanted in (peer.name.casefold(), peer.name.casefold().removesuffix(".local")):
                return peer
        names = ", ".join(peer.name for peer in self.peers)
        raise PartylineError(
            f"No machine called {name!r} is paired with this one.",
            f"Paired: {names}." if names else "Pair it: run `partyline pair` there, then `partyline pair CODE` here.",
            code="peers.unknown",
        )

    def with_key(self, public: str) -> PairedMachine | None:
        return next((peer for peer in self.peers if peer.public == public), None)

    @property
    def guests(self) -> tuple[PairedMachine, ...]:
        """The machines that may do something here."""
        return tuple(peer for peer in self.peers if peer.right is not None)

    def adding(self, peer: PairedMachine) -> Keyring:
        """Return the keyring with a machine, in place of what was known under its key. Its name is made unique.

        What it may do here and the way to it are kept, where `peer` does not say them.
        """
        before = self.with_key(peer.public) or peer
        peer = msgspec.structs.replace(
            peer,
            right=peer.right or before.right,
            may_sign_in=peer.may_sign_in if peer.right else before.may_sign_in,
            address=peer.address or before.address,
        )
        others = tuple(one for one in self.peers if one.public != peer.public)
        taken = {one.name.casefold() for one in others}
        name, number = peer.name, 2
        while name.casefold() in taken:
            name, number = f"{peer.name}-{number}", number + 1
        return msgspec.structs.replace(self, peers=(*others, msgspec.structs.replace(peer, name=name)))

    def changing(self, peer: PairedMachine, **fields: Any) -> Keyring:
        """Return the keyring with some fields of a machine changed. Its place stays."""
        changed = msgspec.structs.replace(peer, **fields)
        return msgspec.structs.replace(
            self, peers=tuple(changed if one.public == peer.public else one for one in self.peers)
        )

    def without(self, peer: PairedMachine) -> Keyring:
        return msgspec.structs.replace(self, peers=tuple(one for one in self.peers if one.public != peer.public))


def keyring_file(paths: Paths) -> Path:
    return paths.secrets / "peers.json"


def load(paths: Paths) -> Keyring | None:
    """Return the keyring, None if there is none yet.

    Raises `PartylineError` for a file that cannot be used: then no other machine is let in.
    """
    file = keyring_file(paths)
    try:
        raw = file.read_bytes()
        if state.format_of(raw) > FORMAT:
            raise ValueError("a newer version of partyline wrote it")
        found = msgspec.json.decode(raw, type=Keyring)
        if not is_key(found.own.public) or not all(is_key(peer.public) for peer in found.peers):
            raise ValueError("it holds a key that is none")
    except FileNotFoundError:
        return None
    except (OSError, *UNUSABLE) as error:
        raise PartylineError(
            f"The paired machines in {file} cannot be used: {error}.",
            f"Remove {file}, then pair the machines again.",
            code="peers.keyring",
        ) from error
    return found


def loaded_or_new(paths: Paths) -> Keyring:
    """Return the keyring. The first call makes this machine's key pair. Raises `PartylineError`."""
    found = load(paths)
    if found is None:
        found = Keyring(own=CurveKeys.new())
        save(paths, found)
    return found


def change(paths: Paths, how: Callable[[Keyring], Keyring]) -> Keyring:
    """Write what `how` makes of the keyring, and return it. Nobody else changes it meanwhile. Raises `PartylineError`.

    Else a pairing, which takes a minute, would bring back a machine that was unpaired meanwhile.
    """
    with contextlib.ExitStack() as held:
        try:
            held.enter_context(locked(keyring_file(paths).with_suffix(".lock"), tries=_TRIES, pause_s=_PAUSE_S))
        except BlockingIOError as error:
            raise PartylineError(
                "Another program is changing the paired machines.", "Try again in a moment.", code="peers.keyring"
            ) from error
        except OSError as error:
            raise _unwritable(paths, error) from error
        changed = how(loaded_or_new(paths))
        save(paths, changed)
        return changed


def save(paths: Paths, keyring: Keyring) -> None:
    """Write it. Raises `PartylineError` if the disk refuses."""
    if len(keyring.peers) > MOST_PEERS:
        raise PartylineError(
            f"There are {MOST_PEERS} paired machines.", "Remove some with `partyline unpair`.", code="peers.too-many"
        )
    try:
        write_atomically(keyring_file(paths), state.encode(keyring))
    except OSError as error:
        raise _unwritable(paths, error) from error


def _unwritable(paths: Paths, error: OSError) -> PartylineError:
    return PartylineError(
        f"The paired machines cannot be written to {keyring_file(paths)}: {error.strerror or error}.",
        "Make room on the disk or correct the permissions. Nothing was changed.",
        code="peers.keyring",
    )
