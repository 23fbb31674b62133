from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from common.config.https.authority import title
from common.config.https.certificate_names import CertificateNames
from common.config.https.certificate_store import certificate_file, current
from common.errors import PartylineError
from common.files.paths import Paths
from common.system import trust_store

NAME = "partyline on avas-mac.local"


class Programs:
    """The system's programs, which answer `code` and `said`."""

    def __init__(self, code: int = 0, said: bytes = b"") -> None:
        self.asked: list[list[str]] = []
        self.code = code
        self.said = said

    def __call__(self, words: Sequence[str]) -> subprocess.CompletedProcess[bytes]:
        self.asked.append(list(words))
        return subprocess.CompletedProcess(words, self.code, self.said, self.said)


def test_a_mac_trusts_it_for_tls_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(trust_store, "PLATFORM", "darwin")
    programs = Programs(said=f"Cert 0: {NAME}".encode())
    assert trust_store.trust(tmp_path / "partyline.crt", NAME, programs).left == ()
    (words,) = programs.asked
    assert words[:6] == [trust_store.SECURITY, "add-trusted-cert", "-r", "trustRoot", "-p", "ssl"]
    assert words[-1] == str(tmp_path / "partyline.crt")
    assert trust_store.is_trusted(NAME, programs)
    assert not trust_store.is_trusted("partyline on another.local", programs)
    trust_store.distrust(tmp_path / "partyline.crt", NAME, programs)
    assert programs.asked[-1][1] == "remove-trusted-cert"


def test_who_says_no_to_the_question_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(trust_store, "PLATFORM", "darwin")
    denied = Programs(1, b"SecTrustSettingsSetTrustSettings: The authorization was denied.")
    with pytest.raises(PartylineError, match="authorization was denied") as refused:
        trust_store.trust(tmp_path / "x", NAME, denied)
    assert "screen" in refused.value.remedy


def test_linux_without_certutil_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(trust_store, "PLATFORM", "linux")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PartylineError, match="certutil is not there") as refused:
        trust_store.trust(tmp_path / "x", NAME)
    assert "libnss3-tools" in refused.value.remedy
    assert not trust_store.is_trusted(NAME)


@pytest.mark.skipif(shutil.which("certutil") is None, reason="libnss3-tools are not installed")
def test_linux_takes_it_into_the_database_of_chromium_and_obs(
    monkeypatch: pytest.MonkeyPatch, home: Path, tmp_path: Path
) -> None:
    monkeypatch.setattr(trust_store, "PLATFORM", "linux")
    monkeypatch.setenv("HOME", str(tmp_path))
    paths = Paths(home)
    called = title(current(paths, CertificateNames(names=("avas-mac.local",))).kept.authority.root)
    assert not trust_store.is_trusted(called)
    change = trust_store.trust(certificate_file(paths), called)
    assert "Firefox has its own store" in change.left[-1]
    assert trust_store.is_trusted(called)
    trust_store.distrust(certificate_file(paths), called)
    assert not trust_store.is_trusted(called)
