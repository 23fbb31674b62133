"""What a phone sends is readable by this machine only, and by nobody who did not scan the code."""

from __future__ import annotations

import base64
import hashlib
import json

import pytest
from nacl.public import Box, PrivateKey, PublicKey

from cli.account.phone.sealed import MOST_VALUE, PAD, ForgedError, PhoneAnswer, PhoneKeys
from common.files.paths import CHECKOUT
from tests.cli.account.phone.phone import Phone

NPSSO = "aB3" * 21 + "x"


def test_a_value_comes_in_and_an_answer_goes_back() -> None:
    keys = PhoneKeys()
    phone = Phone(keys.fragment)
    opened, mark = keys.open(phone.sealed(NPSSO))
    assert opened.value == NPSSO
    answer = opened.answer(PhoneAnswer(ok=True, name="Ava"))
    assert phone.opened(answer)["name"] == "Ava"
    assert b"Ava" not in answer
    assert mark != keys.open(phone.sealed(NPSSO))[1], "each message is told from any other"


def test_the_length_tells_nothing() -> None:
    keys = PhoneKeys()
    phone = Phone(keys.fragment)
    assert len({len(phone.sealed(text)) for text in ("", "x", NPSSO, NPSSO * 10)}) == 1
    opened, _ = keys.open(phone.sealed("x"))
    answers = [PhoneAnswer(ok=True, name="Ava"), PhoneAnswer(ok=False, message="m" * 300, remedy="r" * 300)]
    assert len({len(opened.answer(answer)) for answer in answers}) == 1
    assert PAD > 600


def test_who_does_not_know_the_password_is_not_heard() -> None:
    keys = PhoneKeys()
    public = base64.urlsafe_b64decode(keys.fragment)[:32]
    stranger = Phone(base64.urlsafe_b64encode(public + bytes(16)).decode())
    with pytest.raises(ForgedError):
        keys.open(stranger.sealed(NPSSO))


def test_another_machine_cannot_read_it() -> None:
    keys, other = PhoneKeys(), PhoneKeys()
    with pytest.raises(ForgedError):
        other.open(Phone(keys.fragment).sealed(NPSSO))


def changed(**fields: object) -> bytes:
    body = json.loads(Phone(PhoneKeys().fragment).sealed(NPSSO)) | fields
    return json.dumps(body).encode()


@pytest.mark.parametrize("body", [
    b"", b"{", b"[]", b"\xff", b'"x"', b"{}", changed(sender="!"), changed(sender=""), changed(box=""),
    changed(nonce="AA=="),
    changed(sender=base64.b64encode(bytes(32)).decode()), changed(sender=1), changed(more=1), b"[" * 5000,
])  # fmt: skip
def test_what_is_no_message_is_forged(body: bytes) -> None:
    with pytest.raises(ForgedError):
        PhoneKeys().open(body)


@pytest.mark.parametrize("inside", [b"", b"{}", b"[]", b'{"password":"!","value":"x"}', b'{"password":1,"value":2}'])
def test_a_box_with_something_else_in_it_is_forged(inside: bytes) -> None:
    keys = PhoneKeys()
    own = PrivateKey.generate()
    sealed = Box(own, PublicKey(base64.urlsafe_b64decode(keys.fragment)[:32])).encrypt(inside)
    body = {"sender": bytes(own.public_key), "nonce": sealed.nonce, "box": sealed.ciphertext}
    with pytest.raises(ForgedError):
        keys.open(json.dumps({name: base64.b64encode(raw).decode() for name, raw in body.items()}).encode())


def test_a_long_value_is_cut_and_neither_value_nor_password_is_shown() -> None:
    keys = PhoneKeys()
    opened, _ = keys.open(Phone(keys.fragment).sealed("x" * (MOST_VALUE + 5)))
    assert len(opened.value) == MOST_VALUE
    assert keys.fragment not in repr(keys)


def test_the_library_of_the_page_is_the_one_that_its_note_names() -> None:
    folder = CHECKOUT / "cli/account/phone/static"
    digest = hashlib.sha256((folder / "nacl-fast.min.js").read_bytes()).hexdigest()
    assert digest in (folder / "README.md").read_text()
