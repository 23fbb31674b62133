from __future__ import annotations

import stat
import threading
from pathlib import Path
from typing import Any

import msgspec
import pytest
from keyring.backends.null import Keyring as NullKeyring

from common.errors import SignInError
from common.files.paths import CHECKOUT, Paths, name_of
from common.files.state import SET_ASIDE
from common.system import folders
from tests.workers.auth.sign_in.test_refresh_schedule import tokens
from workers.auth.stored import keychain as keychains
from workers.auth.stored import store as stores
from workers.auth.stored.device_id import duid
from workers.auth.stored.keychain import ITEM, SERVICE
from workers.auth.stored.store import Store

HERE = "https://ca.account.sony.com"


class Keychain:
    def __init__(self) -> None:
        self.items: dict[tuple[str, str], str] = {}
        self.broken = False
        self.forgets = False
        self.hangs = threading.Event()
        self.hangs.set()

    def _look(self) -> None:
        self.hangs.wait(20)
        if self.broken:
            raise RuntimeError("locked")

    def get_password(self, service: str, item: str) -> str | None:
        self._look()
        return self.items.get((service, item))

    def set_password(self, service: str, item: str, value: str) -> None:
        self._look()
        if self.forgets:
            return
        self.items[service, item] = value

    def delete_password(self, service: str, item: str) -> None:
        self._look()
        del self.items[service, item]


@pytest.fixture
def keychain(monkeypatch: pytest.MonkeyPatch) -> Keychain:
    made = Keychain()
    monkeypatch.setattr(keychains, "_keyring", lambda: made)
    return made


def store(home: Path, **more: Any) -> Store:
    return Store(Paths(home), **{"realm": "playstation", "place": HERE, "kind": "keychain", **more})


def files(home: Path) -> list[Path]:
    return sorted(Paths(home).secrets.iterdir())


async def test_tokens_go_into_the_one_keychain_item_and_come_back(home: Path, keychain: Keychain) -> None:
    assert await store(home).load() is None
    await store(home).save(tokens())
    assert await store(home).load() == tokens()
    assert list(keychain.items) == [(SERVICE, f"{ITEM} {name_of(Paths(home))}")]
    assert files(home) == []


async def test_each_home_has_its_own_item_and_the_usual_ones_the_plain_name(home: Path, keychain: Keychain) -> None:
    other = store(home / "other")
    await store(home).save(tokens())
    assert await other.load() is None
    await other.save(tokens())
    await other.forget()
    assert await store(home).load() == tokens()
    for usual in (CHECKOUT / "var", folders.data()):
        assert name_of(Paths(usual)) == ""


async def test_an_item_of_a_newer_version_is_left_alone(
    home: Path, keychain: Keychain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SET_ASIDE, "_newer", set())
    await store(home).save(tokens())
    (key,) = keychain.items
    newer = keychain.items[key].replace('"format":1', '"format":2')
    keychain.items[key] = newer
    again = store(home)
    assert await again.load() is None
    with pytest.raises(OSError, match="newer version"):
        await again.save(tokens())
    assert keychain.items == {key: newer}
    assert "in the keychain" in SET_ASIDE.take()[-1][1]


async def test_without_a_keychain_a_0600_file_serves_and_it_is_said(home: Path, keychain: Keychain) -> None:
    keychain.broken = True
    kept = store(home)
    await kept.save(tokens())
    assert "keychain" in kept.keychain_fault
    assert await store(home).load() == tokens()
    (file,) = files(home)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "a-secret" not in kept.keychain_fault


async def test_a_keychain_that_keeps_nothing_is_found_out_and_said(home: Path, keychain: Keychain) -> None:
    keychain.forgets = True
    kept = store(home)
    await kept.save(tokens())
    assert "stores nothing" in kept.keychain_fault
    assert kept.at == "file"
    assert await store(home).load() == tokens()
    await kept.save(tokens(issued=2000))  # also where it held the older ones: what is read back is compared
    assert await store(home).load() == tokens(issued=2000)


async def test_the_null_backend_of_keyring_itself_is_found_out(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Module:
        def __getattr__(self, name: str) -> Any:
            return getattr(NullKeyring(), name)

    monkeypatch.setattr(keychains, "_keyring", Module)
    await store(home).save(tokens())
    assert await store(home).load() == tokens()


async def test_a_keychain_that_works_again_takes_the_tokens_back(
    home: Path, keychain: Keychain, monkeypatch: pytest.MonkeyPatch
) -> None:
    keychain.broken = True
    kept = store(home)
    await kept.save(tokens())
    keychain.broken = False
    await kept.save(tokens(issued=2000))
    assert kept.at == "file"  # it is left alone for a while
    assert kept._keychain is not None
    kept._keychain._retry_at = 0.0  # the pause is over
    await kept.save(tokens(issued=3000))
    assert (kept.at, kept.keychain_fault, files(home)) == ("keychain", "", [])
    assert await store(home).load() == tokens(issued=3000)


async def test_a_keychain_that_hangs_is_given_up(
    home: Path, keychain: Keychain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keychains, "WAIT_S", 0.1)
    keychain.hangs.clear()
    kept = store(home)
    await kept.save(tokens())
    assert "did not answer" in kept.keychain_fault
    assert await kept.load() == tokens()
    keychain.hangs.set()


async def test_the_newer_of_keychain_and_file_counts_and_a_working_keychain_takes_over(
    home: Path, keychain: Keychain
) -> None:
    await store(home).save(tokens(issued=1000))
    await store(home, kind="file").save(tokens(issued=2000))
    kept = store(home)
    assert await kept.load() == tokens(issued=2000)
    await kept.save(tokens(issued=3000))
    assert files(home) == []
    assert await store(home).load() == tokens(issued=3000)


async def test_the_realms_and_servers_never_get_each_others_tokens(home: Path, keychain: Keychain) -> None:
    simulated = store(home, realm="simulator", place="simulator")
    await simulated.save(tokens(issued=5))
    assert keychain.items == {}
    assert await store(home).load() is None
    assert await store(home, kind="file").load() is None
    await store(home, kind="file").save(tokens(issued=6))
    assert await store(home, kind="file", place="http://127.0.0.1:5").load() is None
    assert await simulated.load() == tokens(issued=5)


async def test_where_the_tokens_lie_is_known(home: Path, keychain: Keychain) -> None:
    kept = store(home)
    assert (kept.at, kept.file) == ("", "")
    await kept.save(tokens())
    assert (kept.at, kept.file) == ("keychain", "")
    keychain.broken = True
    await kept.save(tokens(issued=2000))
    assert (kept.at, kept.file) == ("file", str(Paths(home).secrets / "tokens-playstation.json"))
    keychain.broken = False
    anew = store(home)
    await anew.load()
    assert anew.at == "file"


async def test_forgetting_empties_keychain_and_file(home: Path, keychain: Keychain) -> None:
    await store(home).save(tokens(issued=1))
    await store(home, kind="file").save(tokens(issued=2))
    await store(home).forget()
    assert (keychain.items, files(home)) == ({}, [])
    await store(home).forget()
    assert await store(home).load() is None


async def test_forgetting_with_the_file_chosen_still_empties_the_keychain_but_only_of_this_servers_tokens(
    home: Path, keychain: Keychain
) -> None:
    await store(home).save(tokens())
    await store(home, kind="file", place="http://127.0.0.1:5").forget()
    assert await store(home).load() == tokens()
    await store(home, kind="file").forget()
    assert keychain.items == {}


async def test_a_keychain_that_keeps_the_tokens_is_said_and_the_file_is_gone_all_the_same(
    home: Path, keychain: Keychain
) -> None:
    await store(home, kind="file").save(tokens())
    keychain.broken = True
    with pytest.raises(SignInError, match="may still have them"):
        await store(home).forget()
    assert files(home) == []
    await store(home, kind="file").forget()


async def test_where_there_is_no_keychain_nothing_can_lie_in_it(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class NoKeyringError(RuntimeError):
        pass

    def none() -> Any:
        raise NoKeyringError

    monkeypatch.setattr(keychains, "_keyring", none)
    await store(home).save(tokens())
    await store(home).forget()
    assert files(home) == []


async def test_the_simulators_tokens_are_forgotten_without_a_look_into_the_keychain(
    home: Path, keychain: Keychain
) -> None:
    await store(home).save(tokens())
    simulated = store(home, realm="simulator", place="simulator")
    await simulated.save(tokens())
    await simulated.forget()
    assert await store(home).load() == tokens()
    assert await simulated.load() is None


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"\xff", b'{"place":"x","tokens":{}}'])
async def test_a_spoilt_file_means_signed_out_not_a_crash(home: Path, raw: bytes) -> None:
    (Paths(home).secrets / "tokens-playstation.json").write_bytes(raw)
    assert await store(home, kind="file").load() is None


async def test_a_full_disk_leaves_the_old_tokens_as_they_were(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = store(home, kind="file")
    await kept.save(tokens(issued=1))

    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(stores, "write_atomically", full)
    with pytest.raises(OSError, match="space"):
        await kept.save(tokens(issued=2))
    assert await kept.load() == tokens(issued=1)


def test_the_device_id_is_made_once_for_an_install(home: Path) -> None:
    first = duid(home / "duid")
    assert len(bytes.fromhex(first)) == 32
    assert duid(home / "duid") == first
    (home / "duid").write_text("spoilt")
    assert duid(home / "duid") != first


def test_what_is_stored_reads_back_byte_for_byte() -> None:
    assert msgspec.json.decode(msgspec.json.encode(tokens()), type=type(tokens())) == tokens()
