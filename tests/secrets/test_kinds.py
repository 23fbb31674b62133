"""Whoever holds a secret hides it without being told to: `Secret` fields of `Guarded` structs."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import msgspec
import pytest

from common.config.settings import load
from common.config.tables import ObsSettings, PsnSettings, Settings
from common.files.paths import CHECKOUT, Paths
from common.log import logs
from common.log.secret import Guarded, Secret, secret_fields
from common.messages import wire
from common.requests import Token

SECRET_WORDS = re.compile(r"(^|_)(secret|password|passwd|pwd|token|npsso|credential|cookie|key)$")
NOT_TO_HIDE = {
    ("common/psn/http/endpoints.py", "npsso"): "the simulator's own, for its demo account: it opens nothing",
    ("cli/probe/run.py", "npsso"): "the same, in a rehearsal",
    ("integrations/client/access.py", "key"): "no struct: it hides the key from its repr, and the logs know it",
}


class Held(Guarded, frozen=True, kw_only=True):
    name: str
    word: Secret = "planted-by-default"


FIELD = re.compile(r"^    (\w+): (\w+)", re.MULTILINE)
FILES = {
    str(file.relative_to(CHECKOUT)): file.read_text("utf-8")
    for folder in ("common", "workers", "cli", "integrations")
    for file in sorted((CHECKOUT / folder).rglob("*.py"))
}


def test_a_field_that_is_called_like_a_secret_is_one() -> None:
    plain = {
        (file, name)
        for file, text in FILES.items()
        for name, kind in FIELD.findall(text)
        if SECRET_WORDS.search(name) and kind == "str"
    }
    assert plain == set(NOT_TO_HIDE), "make it a `Secret`, in a subclass of `Guarded`"


def test_a_secret_field_stands_in_a_struct_that_guards_it() -> None:
    guarding = 0
    for file in (file for file, text in FILES.items() if ": Secret" in text):
        for node in ast.walk(ast.parse(FILES[file])):
            if isinstance(node, ast.ClassDef) and any(
                isinstance(item, ast.AnnAssign) and "Secret" in ast.unparse(item.annotation) for item in node.body
            ):
                assert {ast.unparse(base) for base in node.bases} & {"Guarded", "SettingsTable"}, f"{file}: {node.name}"
                guarding += 1
    assert guarding >= 8


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
    shown = logs.redact("planted-in-the-file planted-in-a-variable " + PsnSettings().client_secret) + repr(settings)
    assert shown.count("[hidden]") >= 5
    assert "planted" not in shown
    assert secret_fields(PsnSettings) | secret_fields(ObsSettings) == {"client_secret", "password"}
    assert repr(Settings().obs).endswith("password='')"), "an empty one hides nothing"


def test_a_password_within_an_address_is_hidden_too(tmp_path: Path) -> None:
    load(Paths(tmp_path), {"PARTYLINE_SIGNALING__SOCKETIO_URL": "wss://me:planted-in-a-url@relay.example:5000"})
    assert logs.redact("planted-in-a-url") == "[hidden]"


def test_who_is_given_a_token_hides_it() -> None:
    sent = wire.pack(Token(access_token="x" * 6, account_id="1", duid="", expires_at=0.0))
    wire.unpack(sent.replace(b"x" * 6, b"plant!"), Token)
    assert logs.redact("plant!") == "[hidden]"
