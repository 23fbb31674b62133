from __future__ import annotations

import os
import subprocess
from pathlib import Path

import msgspec
import pytest

from common.config.tables import PsnSettings, Settings
from common.errors import SettingsError
from common.files.paths import Paths
from common.psn.errors import BadAnswerError, NoSimulatorError
from common.psn.http.endpoints import EndpointSource, SimulatorInfo, endpoints, place_of
from common.psn.http.pace import CallRate
from common.psn.http.shared import SharedPace


def info(pid: int, **more: str) -> SimulatorInfo:
    names = [name for name in SimulatorInfo.__struct_fields__ if name not in ("pid", "push_socket_url")]
    urls = {name: f"http://127.0.0.1:1234/{name}/" for name in names}
    return SimulatorInfo(**{**urls, "push_socket_url": "ws://{fqdn}", **more}, pid=pid)


def write(home: Path, value: SimulatorInfo) -> None:
    Paths(home).simulator_file.write_bytes(msgspec.json.encode(value))


def test_the_simulator_says_where_it_is_and_again_after_a_restart(home: Path) -> None:
    source = EndpointSource(Settings(), Paths(home))
    with pytest.raises(NoSimulatorError):
        source.current()
    write(home, info(os.getpid()))
    assert source.current().mobile == "http://127.0.0.1:1234/mobile_url"
    write(home, info(os.getpid(), mobile_url="http://127.0.0.1:99"))
    assert source.current().mobile == "http://127.0.0.1:1234/mobile_url"
    source.forget()
    assert source.current().mobile == "http://127.0.0.1:99"


def test_what_a_dead_simulator_left_behind_is_not_believed(home: Path) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    write(home, info(gone.pid))
    with pytest.raises(NoSimulatorError):
        endpoints(Settings(), Paths(home))


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b'{"pid": 1}', b"\xff"])
def test_an_unreadable_file_means_not_running(home: Path, raw: bytes) -> None:
    Paths(home).simulator_file.write_bytes(raw)
    with pytest.raises(NoSimulatorError) as caught:
        endpoints(Settings(), Paths(home))
    assert caught.value.remedy


def test_a_simulator_elsewhere_gets_no_token_in_the_clear(home: Path) -> None:
    write(home, info(os.getpid(), mobile_url="http://192.0.2.1/"))
    with pytest.raises(NoSimulatorError):
        endpoints(Settings(), Paths(home))


def test_the_push_url_gets_its_path_and_never_goes_in_the_clear_to_the_world(home: Path) -> None:
    def of(template: str, fqdn: str) -> str:
        made = Settings(psn=PsnSettings(realm="playstation", push_socket_url=template))
        return endpoints(made, Paths(home)).push_socket_url(fqdn)

    assert of("wss://{fqdn}/np/pushNotification", "a.example") == "wss://a.example/np/pushNotification"
    assert of("ws://{fqdn}", "127.0.0.1:80") == "ws://127.0.0.1:80/np/pushNotification"
    assert of("ws://127.0.0.1:80/", "a.example") == "ws://127.0.0.1:80/np/pushNotification"
    assert of("ws://{fqdn}/own/path", "localhost:5") == "ws://localhost:5/own/path"
    with pytest.raises(SettingsError):
        of("ws://{fqdn}", "a.example")
    for bad in ("", "a/b", "a@b", "a b", "a\r\nb", "x" * 400, "127.0.0.1:80#@evil.example"):
        with pytest.raises(BadAnswerError):
            of("wss://{fqdn}", bad)


def test_state_of_the_simulator_and_of_each_server_is_kept_apart() -> None:
    assert place_of(PsnSettings(realm="simulator", mobile_url="https://a.example")) == "simulator"
    assert place_of(PsnSettings(realm="playstation", mobile_url="https://a.example")) == "https://a.example"


def test_a_call_goes_to_its_hosts_url(home: Path) -> None:
    write(home, info(os.getpid()))
    found = endpoints(Settings(), Paths(home))
    assert found.url("mobile", "/api/x?y=1") == "http://127.0.0.1:1234/mobile_url/api/x?y=1"
    assert found.url("web", "/z") == "http://127.0.0.1:1234/web_url/z"


@pytest.mark.parametrize("pid", [0, -1, 1 << 70])
def test_a_number_that_no_process_has_is_of_none_that_runs(home: Path, pid: int) -> None:
    raw = msgspec.json.encode(msgspec.structs.asdict(info(5)) | {"pid": 5}).replace(b'"pid":5', b'"pid":%d' % pid)
    Paths(home).simulator_file.write_bytes(raw)
    with pytest.raises(NoSimulatorError):
        endpoints(Settings(), Paths(home))


def test_a_simulator_of_another_user_runs(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(pid: int, number: int) -> None:
        raise PermissionError(pid, number)

    write(home, info(1))
    monkeypatch.setattr(os, "kill", refused)
    assert endpoints(Settings(), Paths(home)).simulator == info(1)


def test_a_push_server_that_is_no_host_name_is_quoted_in_part(home: Path) -> None:
    write(home, info(os.getpid()))
    with pytest.raises(BadAnswerError, match=rf"no host name: '{'/' * 80}'\."):
        endpoints(Settings(), Paths(home)).push_socket_url("/" * 100)


def test_homes_of_one_user_share_the_pace_towards_sony_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sony blocks an address, which all of them have."""
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)

    def file(home: str, realm: str = "playstation", **psn: str) -> Path:
        made = Settings(psn=PsnSettings(realm=realm, **psn))  # type: ignore[arg-type]
        return EndpointSource(made, Paths(tmp_path / home)).pace_file

    assert file("a") == file("b")
    assert (tmp_path / "user") in file("a").parents
    assert file("a", "simulator") != file("b", "simulator")
    assert file("a", mobile_url="http://127.0.0.1:1") != file("b", mobile_url="http://127.0.0.1:1")


def test_two_homes_wait_for_each_other(tmp_path: Path) -> None:
    """One file, two handles in processes that know nothing of each other: the burst is one."""
    first, second = (SharedPace(tmp_path / "pace.json", CallRate(1.0, 2)) for _ in range(2))
    waits = [pace.enter("sony", "mobile", urgent=False)[0] for pace in (first, second, first)]
    assert waits[:2] == [0.0, 0.0]
    assert waits[2] > 0
