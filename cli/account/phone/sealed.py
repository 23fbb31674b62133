"""What phone and machine say to each other, encrypted over plain HTTP. No I/O.

The QR code carries the machine's public key and a password behind the ``#`` of the address. A browser never sends it.
The page seals the pasted value and the password with NaCl's box (X25519, XSalsa20-Poly1305) from a key pair of its own.
The answer goes the same way back. So who listens in the network learns nothing, and who did not scan the code is not
heard. What this cannot do: the page itself comes by HTTP, and who stands between the two can change it.
"""

from __future__ import annotations

import base64
import hmac
import secrets

import msgspec
from nacl.exceptions import CryptoError
from nacl.public import Box, PrivateKey, PublicKey

from common.log.secret import Guarded, Secret

PASSWORD_BYTES = 16
PAD = 1024
"""Messages are as long as a multiple of this, so that their length does not tell what was pasted or answered."""
MOST_VALUE = 64 * 1024
"""As of `partyline login`."""


class ForgedError(Exception):
    """The message was not made by who scanned the code."""


class SealedMessage(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One message, its parts in base64."""

    sender: str = ""
    """The phone's public key. Empty in an answer."""
    nonce: str
    box: str


class PhoneValue(Guarded, frozen=True, kw_only=True):
    """What is in the phone's box."""

    password: Secret
    value: Secret


class PhoneAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What is in the machine's box."""

    ok: bool
    name: str = ""
    message: str = ""
    remedy: str = ""
    tries_left: int = 0


class OpenedValue:
    """A value, and the way back to the phone that sent it."""

    def __init__(self, value: str, box: Box) -> None:
        self.value = value
        self._box = box

    def answer(self, answer: PhoneAnswer) -> bytes:
        text = msgspec.json.encode(answer)
        sealed = self._box.encrypt(text + b" " * (-len(text) % PAD))
        return msgspec.json.encode(SealedMessage(nonce=_text(sealed.nonce), box=_text(sealed.ciphertext)))


class PhoneKeys:
    """The key pair and password of one QR code."""

    def __init__(self) -> None:
        self._key = PrivateKey.generate()
        self._password = secrets.token_bytes(PASSWORD_BYTES)

    @property
    def fragment(self) -> str:
        """Return what stands behind the ``#``."""
        return base64.urlsafe_b64encode(bytes(self._key.public_key) + self._password).decode().rstrip("=")

    def open(self, body: bytes) -> tuple[OpenedValue, bytes]:
        """Return the value, and what tells this message from any other. Raises `ForgedError`."""
        try:
            message = msgspec.json.decode(body, type=SealedMessage)
            key, nonce, sealed = (_bytes(part) for part in (message.sender, message.nonce, message.box))
            box = Box(self._key, PublicKey(key))
            found = msgspec.json.decode(box.decrypt(sealed, nonce), type=PhoneValue)
            password = _bytes(found.password)
        except (msgspec.DecodeError, ValueError, TypeError, CryptoError) as error:
            raise ForgedError from error
        if not hmac.compare_digest(password, self._password):
            raise ForgedError
        return OpenedValue(found.value[:MOST_VALUE], box), key + nonce


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
