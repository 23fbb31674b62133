"""A phone without a browser: seals as page.js does."""

from __future__ import annotations

import base64
import json
from typing import Any

from nacl.public import Box, PrivateKey, PublicKey

from cli.account.phone.sealed import PAD


class Phone:
    def __init__(self, fragment: str) -> None:
        raw = base64.urlsafe_b64decode(fragment + "=" * (-len(fragment) % 4))
        self._key, self._password = PublicKey(raw[:32]), raw[32:]
        self._box: Box | None = None

    def sealed(self, value: str) -> bytes:
        own = PrivateKey.generate()
        self._box = Box(own, self._key)
        text = json.dumps({"password": base64.b64encode(self._password).decode(), "value": value}).encode()
        sealed = self._box.encrypt(text + b" " * (-len(text) % PAD))
        parts = {"sender": bytes(own.public_key), "nonce": sealed.nonce, "box": sealed.ciphertext}
        return json.dumps({name: base64.b64encode(raw).decode() for name, raw in parts.items()}).encode()

    def opened(self, answer: bytes) -> dict[str, Any]:
        """Return the answer to the last message that was sealed."""
        assert self._box is not None
        parts = json.loads(answer)
        text = self._box.decrypt(base64.b64decode(parts["box"]), base64.b64decode(parts["nonce"]))
        found: dict[str, Any] = json.loads(text)
        return found
