"""How two machines exchange their CURVE keys by a code of six digits: SPAKE2, then one sealed message each way. No I/O.

The code is a weak password. SPAKE2 gives whoever listens nothing, and whoever stands between the two one guess for each
try, which the host counts. Four lines of JSON::

    guest → host   {"partyline": 1, "name": …, "spake": …}
    host → guest   {"name": …, "spake": …}
    guest → host   {"box": …}     its public key, sealed: proves that it knows the code
    host → guest   {"box": …}     its public key and port, sealed: proves the same
"""

from __future__ import annotations

import hashlib
import secrets
from typing import TypeVar

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from spake2 import SPAKE2_A, SPAKE2_B, SPAKEError

from common.bus.peers.curve import is_key
from common.bus.peers.peer_rights import PeerRight
from common.errors import PartylineError

T = TypeVar("T")

VERSION = 1
DIGITS = 6
LINE_BYTES = 4096
"""Longest line. They have about 300."""
MOST_NAME = 60
MOST_WORDS = 300
_GUEST, _HOST = b"partyline guest", b"partyline host"
_NONCE = bytes(12)  # each key seals one message


class PairingError(PartylineError):
    """The two machines are not paired, for a reason that a person understands."""

    code = "peers.pairing"


class WrongCodeError(PairingError):
    """The other side does not know the code."""

    code = "peers.wrong-code"


class GuestHello(msgspec.Struct, frozen=True, kw_only=True):
    partyline: int
    name: str
    spake: str


class HostHello(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    spake: str


class Sealed(msgspec.Struct, frozen=True, kw_only=True):
    box: str


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """Instead of a line, for the other person to read."""

    error: str
    remedy: str


class GuestCard(msgspec.Struct, frozen=True, kw_only=True):
    """What the guest seals."""

    public: str


class HostCard(msgspec.Struct, frozen=True, kw_only=True):
    """What the host seals."""

    public: str
    port: int
    right: PeerRight
    """What the guest may do."""


def new_code() -> str:
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"


def clean_code(text: str) -> str:
    """Return the digits of a code that a person typed. Raises `PairingError`."""
    digits = "".join(char for char in text if char not in " -")
    if len(digits) != DIGITS or not digits.isascii() or not digits.isdecimal():
        raise PairingError(f"{text!r} is no code.", f"It has {DIGITS} digits, as `partyline pair` shows it there.")
    return digits


class Guest:
    """The side that types the code. Call `hello`, `card`, `read` in turn."""

    def __init__(self, code: str, name: str, public: str) -> None:
        self._spake = SPAKE2_A(code.encode(), idA=_GUEST, idB=_HOST)
        self._hello = GuestHello(partyline=VERSION, name=name, spake=self._spake.start().hex())
        self._public = public
        self._keys = (b"", b"")
        self.host_name = ""
        """What the host calls itself, after its hello."""

    def hello(self) -> bytes:
        return msgspec.json.encode(self._hello)

    def card(self, line: bytes) -> bytes:
        """Return the sealed card as answer to the host's hello. Raises `PairingError`."""
        hello = _decoded(line, HostHello)
        self.host_name = clean_name(hello.name)
        self._keys = _keys(_finished(self._spake, hello.spake), self._hello, hello)
        return _sealed(self._keys[0], GuestCard(public=self._public))

    def read(self, line: bytes) -> HostCard:
        """Return the host's card. Raises `PairingError`."""
        return _opened(self._keys[1], line, HostCard)


class Host:
    """The side that shows the code, for one try. Call `hello`, `read`, `card` in turn."""

    def __init__(self, code: str, name: str) -> None:
        self._spake = SPAKE2_B(code.encode(), idA=_GUEST, idB=_HOST)
        self._hello = HostHello(name=name, spake=self._spake.start().hex())
        self._keys = (b"", b"")

    def hello(self, line: bytes) -> tuple[bytes, str]:
        """Return the answer to the guest's hello, and the guest's name. Raises `PairingError`."""
        hello = _decoded(line, GuestHello)
        if hello.partyline != VERSION:
            raise PairingError("The other machine has another version of partyline.", "Update the older one.")
        self._keys = _keys(_finished(self._spake, hello.spake), hello, self._hello)
        return msgspec.json.encode(self._hello), clean_name(hello.name)

    def read(self, line: bytes) -> GuestCard:
        """Return the guest's card. Raises `WrongCodeError` if the guest does not know the code."""
        return _opened(self._keys[0], line, GuestCard)

    def card(self, card: HostCard) -> bytes:
        return _sealed(self._keys[1], card)


def clean_name(name: str) -> str:
    """Return a machine's name as it may be shown and typed."""
    return _printable(name, MOST_NAME) or "unnamed"


def _printable(text: str, most: int) -> str:
    return " ".join("".join(char for char in text if char.isprintable()).split())[:most]


def refusal(error: PartylineError) -> bytes:
    return msgspec.json.encode(Refusal(error=error.message, remedy=error.remedy))


def _finished(spake: SPAKE2_A | SPAKE2_B, other: str) -> bytes:
    try:
        found: bytes = spake.finish(bytes.fromhex(other))
    except (SPAKEError, ValueError, AssertionError) as error:
        raise PairingError("The other machine does not pair as partyline does.", "Check the address.") from error
    return found


def _keys(shared: bytes, guest: GuestHello, host: HostHello) -> tuple[bytes, bytes]:
    """Return the keys that seal the guest's card and the host's. They depend on all that was said before."""
    said = hashlib.sha256(msgspec.json.encode([guest, host])).digest()
    both = HKDF(algorithm=SHA256(), length=64, salt=said, info=b"partyline pairing").derive(shared)
    return both[:32], both[32:]


def _sealed(key: bytes, card: GuestCard | HostCard) -> bytes:
    return msgspec.json.encode(Sealed(box=ChaCha20Poly1305(key).encrypt(_NONCE, msgspec.json.encode(card), None).hex()))


def _opened(key: bytes, line: bytes, type_: type[T]) -> T:
    sealed = _decoded(line, Sealed)
    try:
        text = ChaCha20Poly1305(key).decrypt(_NONCE, bytes.fromhex(sealed.box), None)
    except (InvalidTag, ValueError) as error:
        raise WrongCodeError("The code is wrong.", "Type the six digits that the other machine shows.") from error
    card = _decoded(text, type_)
    if not is_key(getattr(card, "public", "")):
        raise PairingError("The other machine sent a key that is none.", "Update partyline on both machines.")
    return card


def _decoded(line: bytes, type_: type[T]) -> T:
    """Decode one line. Raises `PairingError`, with the other side's words if it refused."""
    try:
        return msgspec.json.decode(line, type=type_)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        try:
            refused = msgspec.json.decode(line, type=Refusal)
        except (msgspec.DecodeError, UnicodeDecodeError):
            words = "The other machine does not pair as partyline does."
            raise PairingError(words, "Check the address.") from error
        raise PairingError(_printable(refused.error, MOST_WORDS), _printable(refused.remedy, MOST_WORDS)) from error
