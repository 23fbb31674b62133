"""A keychain that asks on the screen for long, is locked or refuses, and a kill at any moment of a change."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from keyring.errors import KeyringError, KeyringLocked

from common.config.tables import PsnSettings, Settings
from common.errors import SignInError
from common.files.paths import CHECKOUT, Paths
from common.messages import AuthState, Problem
from common.requests import AccessToken, WhoAmI
from tests.common.system.test_keychain import raised
from tests.support.waiting import until
from tests.workers.auth.sign_in.test_refresh_schedule import tokens
from tests.workers.auth.stored.file_keychain import FileKeychain
from tests.workers.auth.test_clock import Sony
from workers.auth.stored import keychain as keychains
from workers.auth.stored.store import Store, store_of
from workers.auth.worker import Auth

SETTINGS = Settings(psn=PsnSettings(realm="playstation"))
SAVING = """
import asyncio
from common.config.tables import PsnSettings, Settings
from common.files.paths import Paths
from tests.workers.auth.sign_in.test_refresh_schedule import tokens
from workers.auth.stored.store import store_of
from pathlib import Path
import sys

async def main():
    store = store_of(Paths(Path(sys.argv[1])), Settings(psn=PsnSettings(realm="playstation")))
    await store.load()
    await store.save(tokens(issued=float(sys.argv[2])))

asyncio.run(main())
"""


def save(home: Path, issued: int, dies: str = "") -> int:
    """Save tokens in another process, with keyring's own way to a backend. Return its exit code."""
    backend = f"{FileKeychain.__module__}.{FileKeychain.__name__}"
    done = subprocess.run(
        [sys.executable, "-c", SAVING, str(home), str(issued)],
        cwd=CHECKOUT,
        env={
            **os.environ,
            "PYTHON_KEYRING_BACKEND": backend,
            "KEYCHAIN_FILE": str(home / "keychain"),
            "KEYCHAIN_DIES": dies,
        },
        timeout=60,
        check=False,
    )
    return done.returncode


@pytest.mark.parametrize("dies", ["before the delete", "between delete and add", "after the add"])
async def test_a_kill_while_the_keychain_is_changed_loses_nothing(
    home: Path, monkeypatch: pytest.MonkeyPatch, dies: str
) -> None:
    monkeypatch.setenv("KEYCHAIN_FILE", str(home / "keychain"))
    monkeypatch.setattr(keychains, "_keyring", FileKeychain)
    assert save(home, 1000) == 0
    assert list(Paths(home).secrets.iterdir()) == []
    assert save(home, 2000, dies) == -9
    assert (home / "keychain").exists() is (dies != "between delete and add")
    store = store_of(Paths(home), SETTINGS)
    assert await store.load() == tokens(issued=2000), "a rotated refresh token is the only valid one"
    await store.save(tokens(issued=3000))
    assert list(Paths(home).secrets.iterdir()) == []
    assert await store_of(Paths(home), SETTINGS).load() == tokens(issued=3000)


async def test_a_file_that_a_kill_left_beside_the_keychain_goes_with_the_next_start(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEYCHAIN_FILE", str(home / "keychain"))
    monkeypatch.setattr(keychains, "_keyring", FileKeychain)
    store = store_of(Paths(home), SETTINGS)
    await store.save(tokens())
    await Store(Paths(home), "playstation", store._place, "file").save(tokens())
    assert await store_of(Paths(home), SETTINGS).load() == tokens()
    assert list(Paths(home).secrets.iterdir()) == []


class Asking:
    """A keychain that answers a read when somebody has clicked."""

    def __init__(self, kept: str | None) -> None:
        self.kept, self.error = kept, None
        self.clicked = threading.Event()
        self.reads = self.writes = 0
        self.error: BaseException | None = None

    def get_password(self, *_: str) -> str | None:
        self.reads += 1
        self.clicked.wait(30)
        if self.error is not None:
            raise self.error
        return self.kept

    def set_password(self, *named: str) -> None:
        self.writes += 1
        self.kept = named[-1]


class Bench:
    """An auth of the real realm with that keychain, and what it published."""

    def __init__(self, home: Path, keychain: Asking) -> None:
        self.keychain = keychain
        self.sony = Sony(lambda: 1001.0)
        self.auth = Auth(Paths(home), SETTINGS, lambda: 1001.0, lambda: 0.0, self.sony)  # type: ignore[arg-type]
        self.said: list[Any] = []
        self.auth.bus.publish = self.said.append  # type: ignore[assignment,method-assign,return-value]

    def states(self) -> list[str]:
        return [said.state for said in self.said if isinstance(said, AuthState)]

    async def answered(self) -> None:
        await until(lambda: not self.auth._sign_in.stored.asks, "the keychain has answered")
        await asyncio.sleep(0.01)


@pytest.fixture
async def bench(home: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(keychains, "WAIT_S", 0.05)
    keeping = Asking(None)
    keeping.clicked.set()
    monkeypatch.setattr(keychains, "_keyring", lambda: keeping)
    await store_of(Paths(home), SETTINGS).save(tokens(issued=1000))
    asking = Asking(keeping.kept)
    monkeypatch.setattr(keychains, "_keyring", lambda: asking)
    made = Bench(home, asking)
    yield made
    asking.clicked.set()
    await made.auth.stop()
    await made.auth.bus.close()


async def test_an_answer_that_comes_late_is_used_and_nobody_is_called_signed_out(bench: Bench) -> None:
    await bench.auth._sign_in.load()
    assert bench.states() == ["unknown"]
    (problem,) = [said for said in bench.said if isinstance(said, Problem)]
    assert "not known whether you are signed in" in problem.message
    assert "question on this machine's screen" in problem.remedy
    assert 'store = "file"' in problem.remedy
    with pytest.raises(SignInError, match="has not said yet"):
        await bench.auth._requests._serve_access_token(AccessToken())
    await bench.auth._step()
    assert bench.keychain.reads == 1, "one question, not two"
    bench.keychain.clicked.set()
    await bench.answered()
    assert bench.states()[-1] == "signed_in"
    assert "signed_out" not in bench.states()
    assert not bench.auth._problems.is_open("auth.keychain")
    info = await bench.auth._requests._serve_who_am_i(WhoAmI())
    assert (info.store, info.auth.state) == ("keychain", "signed_in")


async def test_a_sign_in_while_it_asks_counts_and_the_late_answer_does_not(bench: Bench, home: Path) -> None:
    await bench.auth._sign_in.load()
    await bench.auth._sign_in.start(tokens(issued=5000))
    assert bench.keychain.writes == 0, "that would ask once more"
    assert bench.auth._sign_in.stored.at == "file"
    bench.keychain.clicked.set()
    await bench.answered()
    assert bench.auth._sign_in.tokens == tokens(issued=5000)
    assert await store_of(Paths(home), SETTINGS).load() == tokens(issued=5000)


async def test_after_signing_out_a_late_answer_brings_nothing_back(bench: Bench) -> None:
    await bench.auth._sign_in.load()
    with pytest.raises(SignInError, match="may still have them"):
        await bench.auth._sign_in.forget()
    bench.keychain.clicked.set()
    await bench.answered()
    assert bench.auth._sign_in.tokens is None


async def test_a_locked_keychain_is_looked_at_again_and_a_refused_one_is_not(bench: Bench) -> None:
    bench.keychain.clicked.set()
    bench.keychain.error = raised(KeyringLocked, -128)
    await bench.auth._sign_in.load()
    await bench.auth._step()
    assert (bench.keychain.reads, bench.states()[-1]) == (1, "unknown")
    bench.keychain.error = raised(KeyringError, -25308)
    await bench.auth._sign_in.load()
    assert bench.states()[-1] == "unknown"
    assert "security unlock-keychain" in [said for said in bench.said if isinstance(said, AuthState)][-1].detail
    bench.keychain.error = None
    await bench.auth._step()
    assert bench.states()[-1] == "signed_in"
