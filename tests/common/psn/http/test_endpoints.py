from __future__ import annotations

import os
import subprocess
from pathlib import Path

import msgspec
import pytest

from common.config.tables import Psn, Settings
from common.errors import SettingsError
from common.files.paths import Paths
from common.psn.errors import BadAnswerError, NoSimulatorError
from common.psn.http.endpoints import EndpointSource, SimulatorInfo, endpoints


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
        made = Settings(psn=Psn(realm="playstation", push_socket_url=template))
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
