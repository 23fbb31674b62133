from __future__ import annotations

import datetime as dt
import plistlib
from pathlib import Path

import pytest

from common.config.https.authority import der, fingerprint
from common.config.https.certificate_names import CertificateNames
from common.config.https.certificate_store import (
    authority_file,
    certificate_file,
    current,
    load,
    replace,
    server_file,
    tls_context,
)
from common.config.https.own_names import own_names
from common.config.https.profile import profile
from common.errors import PartylineError
from common.files.paths import Paths

LAN = CertificateNames(names=("avas-mac.local",), addresses=("192.168.1.7",))


def test_it_is_made_once_and_kept_from_others(home: Path) -> None:
    paths = Paths(home)
    assert load(paths) is None
    first = current(paths, LAN)
    assert first.renewed
    assert current(paths, LAN) == type(first)(first.kept)
    assert [file(paths).stat().st_mode & 0o777 for file in (authority_file, server_file, certificate_file)] == [
        *(0o600, 0o600, 0o644)
    ]
    assert "PRIVATE" not in certificate_file(paths).read_text()
    tls_context(paths)
    server_file(paths).unlink()
    current(paths, LAN)
    tls_context(paths)


def test_the_root_stays_when_the_server_is_renewed(home: Path) -> None:
    paths = Paths(home)
    first = current(paths, LAN).kept
    moved = current(paths, CertificateNames(names=LAN.names, addresses=("10.0.0.9",)))
    assert "10.0.0.9" in moved.renewed
    later = current(paths, LAN, dt.datetime.now(dt.UTC) + dt.timedelta(days=80))
    assert later.renewed
    assert {first.authority.root, moved.kept.authority.root, later.kept.authority.root} == {first.authority.root}
    assert current(paths, CertificateNames(names=("renamed.local",))).lost == ("renamed.local",)
    assert replace(paths, LAN).authority.root != first.authority.root


@pytest.mark.parametrize("year", [1971, 2150])
def test_a_wrong_clock_is_told_and_nothing_is_thrown_away(home: Path, year: int) -> None:
    paths = Paths(home)
    kept = current(paths, LAN).kept
    with pytest.raises(PartylineError) as refused:
        current(paths, LAN, dt.datetime(year, 1, 1, tzinfo=dt.UTC))
    assert "clock" in refused.value.remedy
    assert load(paths) == kept


@pytest.mark.parametrize(
    "content", ["{", '{"format": 99}', '{"authority": {"root": "x", "issuer": "y", "issuer_key": "z"}}']
)
def test_a_file_that_cannot_be_used_is_told_and_can_be_replaced(home: Path, content: str) -> None:
    paths = Paths(home)
    authority_file(paths).write_text(content)
    with pytest.raises(PartylineError, match="cannot be used") as refused:
        current(paths, LAN)
    assert "partyline https new" in refused.value.remedy
    replace(paths, LAN)
    tls_context(paths)


def test_the_profile_holds_the_root_and_replaces_itself(home: Path) -> None:
    root = current(Paths(home), LAN).kept.authority.root
    found = plistlib.loads(profile(root))
    (payload,) = found["PayloadContent"]
    assert payload["PayloadContent"] == der(root)
    assert payload["PayloadType"] == "com.apple.security.root"
    assert fingerprint(root) in found["PayloadDescription"]
    assert profile(root) == profile(root)


def test_a_machine_has_names_and_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "Ava's Mac")
    assert own_names("192.168.1.7") == CertificateNames(addresses=("192.168.1.7",))  # no name that DNS has
    monkeypatch.setattr("socket.gethostname", lambda: "Avas-Mac.fritz.box")
    monkeypatch.setattr("common.config.https.own_names._addresses", lambda: ["127.0.0.1", "192.168.1.7", "fd00::7"])
    names = ("avas-mac.local", "avas-mac.fritz.box", "avas-mac")
    assert own_names("0.0.0.0") == CertificateNames(names=names, addresses=("192.168.1.7",))
    assert own_names("::").addresses == ("192.168.1.7", "fd00::7")
