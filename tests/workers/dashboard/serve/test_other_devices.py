from __future__ import annotations

from pathlib import Path

import pytest

from common.config.https import CERTIFICATE_PROBLEM
from common.config.https.certificate_names import CertificateNames
from common.config.https.certificate_store import authority_file
from common.config.pages import load_keys
from common.config.tables import DashboardSettings
from common.errors import PartylineError
from common.files.paths import Paths
from workers.dashboard.serve import other_devices, tls_certificates
from workers.dashboard.serve.other_devices import EXPOSED_PROBLEM, OtherDevices
from workers.dashboard.serve.page_keys import PageKeys


class Told:
    """The open problems, code → message and remedy."""

    def __init__(self) -> None:
        self.problems: dict[str, str] = {}

    def publish_problem(self, code: str, message: str, remedy: str, *, severity: str = "error") -> None:
        self.problems[code] = f"{severity}: {message} {remedy}"

    def publish_error(self, error: PartylineError) -> None:
        self.publish_problem(error.code, error.message, error.remedy)

    def clear_problem(self, code: str) -> None:
        self.problems.pop(code, None)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """This machine's names, which a test changes."""
    called = ["avas-mac.local"]
    monkeypatch.setattr(other_devices, "own_names", lambda _listen: CertificateNames(names=tuple(called)))
    monkeypatch.setattr(tls_certificates, "LOOK_S", 0.0)
    return called


def made(home: Path, listen: str) -> tuple[OtherDevices, Told, PageKeys]:
    paths, told = Paths(home), Told()
    keys = PageKeys(paths)
    keys.poll()
    return OtherDevices(paths, DashboardSettings(listen=listen), keys, told), told, keys


async def test_nothing_is_made_for_a_machine_that_is_open_to_itself_only(home: Path, names: list[str]) -> None:
    del names
    others, told, _ = made(home, "127.0.0.1")
    await others.poll()
    assert not authority_file(Paths(home)).exists()
    assert others.certificates.context() is None
    assert told.problems == {}


async def test_a_new_name_and_a_damaged_file_are_told_until_they_are_over(home: Path, names: list[str]) -> None:
    others, told, _ = made(home, "0.0.0.0")
    await others.poll()
    first = others.certificates.context()
    assert (first is not None, told.problems) == (True, {})
    names.insert(0, "renamed.local")
    await others.poll()
    assert "warning: Other devices cannot open the pages as renamed.local" in told.problems[CERTIFICATE_PROBLEM]
    names.pop(0)
    kept = authority_file(Paths(home)).read_bytes()
    authority_file(Paths(home)).write_text("{")
    await others.poll()
    assert "partyline https new" in told.problems[CERTIFICATE_PROBLEM]
    assert others.certificates.context() is first  # who is served goes on being served
    authority_file(Paths(home)).write_bytes(kept)
    await others.poll()
    assert told.problems == {}


async def test_an_exposed_key_is_told_without_the_key(home: Path, names: list[str]) -> None:
    del names
    others, told, keys = made(home, "0.0.0.0")
    key = keys.full_key()
    await others.exposed.take(key)
    assert "The key is void now" in told.problems[EXPOSED_PROBLEM]
    assert key not in told.problems[EXPOSED_PROBLEM]
    assert load_keys(Paths(home)).full != key
