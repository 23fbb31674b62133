"""Whoever holds a secret hides it without being told to: `Secret` fields of `Guarded` structs."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import msgspec
import pytest

from common import logs, wire
from common.paths import CHECKOUT, Paths
from common.requests import Token
from common.secret import Guarded, Secret, secret_fields
from common.settings import load
from common.tables import Obs, Psn, Settings

SECRET_WORDS = re.compile(r"(^|_)(secret|password|passwd|pwd|token|npsso|credential|cookie|key)$")
NOT_TO_HIDE = {
    ("common/psn/endpoints.py", "npsso"): "the simulator's own, for its demo account: it opens nothing",
    ("cli/probe/evening.py", "npsso"): "the same, in a rehearsal",
}


class Held(Guarded, frozen=True, kw_only=True):
    name: str
    word: Secret = "planted-by-default"


def fields() -> list[tuple[str, str, str]]:
    """Return (file, field, type) of every annotated field of a class of the product."""
    found = []
    for folder in ("common", "workers", "cli"):
        for file in sorted((CHECKOUT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.ClassDef):
                    found += [
                        (str(file.relative_to(CHECKOUT)), item.target.id, ast.unparse(item.annotation))
                        for item in node.body
                        if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
                    ]
    return found


def test_a_field_that_is_called_like_a_secret_is_one() -> None:
    plain = {(file, name) for file, name, kind in fields() if SECRET_WORDS.search(name) and kind.startswith("str")}
    assert plain == set(NOT_TO_HIDE), "make it a `Secret`, in a subclass of `Guarded`"


def test_a_secret_field_stands_in_a_struct_that_guards_it() -> None:
    guarded = {file for file, _, kind in fields() if "Secret" in kind}
    for file in guarded:
        for node in ast.walk(ast.parse(Path(CHECKOUT / file).read_text("utf-8"))):
            if isinstance(node, ast.ClassDef) and any(
                isinstance(item, ast.AnnAssign) and "Secret" in ast.unparse(item.annotation) for item in node.body
            ):
                assert {ast.unparse(base) for base in node.bases} & {"Guarded", "_Table"}, f"{file}: {node.name}"


@pytest.mark.parametrize("how", ["made", "decoded", "replaced", "by default"])
def test_a_secret_is_hidden_from_the_moment_that_its_struct_is_there(how: str) -> None:
    word = f"planted-{how}".replace(" ", "-")
    match how:
        case "made":
            held = Held(name="n", word=word)
        case "decoded":
            held = msgspec.json.decode(f'{{"name": "n", "word": "{word}"}}', type=Held)
        case "replaced":
            held = msgspec.structs.replace(Held(name="n"), word=word)
        case _:
            held = Held(name="n")
    assert held.word == word
    assert logs.redact(f"it is {word}") == "it is [hidden]"
    assert word not in repr(held)
    assert "name='n'" in repr(held)


def test_the_secrets_of_the_settings_are_hidden_wherever_they_come_from(tmp_path: Path) -> None:
    paths = Paths(tmp_path)
    paths.settings_file.write_text('[psn]\nclient_secret = "planted-in-the-file"\n')
    settings = load(paths, {"PARTYLINE_OBS__PASSWORD": "planted-in-a-variable"})
    assert settings.psn.client_secret == "planted-in-the-file"
    shown = logs.redact("planted-in-the-file planted-in-a-variable " + Psn().client_secret) + repr(settings)
    assert shown.count("[hidden]") >= 5
    assert "planted" not in shown
    assert secret_fields(Psn) | secret_fields(Obs) == {"client_secret", "password"}
    assert repr(Settings().obs).endswith("password='')"), "an empty one hides nothing"


def test_a_password_within_an_address_is_hidden_too(tmp_path: Path) -> None:
    load(Paths(tmp_path), {"PARTYLINE_SIGNALING__SOCKETIO_URL": "wss://me:planted-in-a-url@relay.example:5000"})
    assert logs.redact("planted-in-a-url") == "[hidden]"


def test_who_is_given_a_token_hides_it() -> None:
    sent = wire.pack(Token(access_token="x" * 6, account_id="1", duid="", expires_at=0.0))
    wire.unpack(sent.replace(b"x" * 6, b"plant!"), Token)
    assert logs.redact("plant!") == "[hidden]"
